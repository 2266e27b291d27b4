-- How soon a running statement notices that its client is gone. $1 interval with its unit; 0: never, it goes on.
-- Rights: none. Refused where the server's system cannot watch a socket.
SELECT set_config('client_connection_check_interval', $1, false);
