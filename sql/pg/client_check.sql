-- Sets how soon a running statement notices that its client is gone. $1 interval with its unit; 0: never, it continues.
-- An idle backend whose client has vanished ends within half a minute, so that its locks do not outlive the client.
-- Rights: none. Refused if the server's system cannot check a socket.
SELECT set_config('tcp_keepalives_idle', '10', false),
       set_config('tcp_keepalives_interval', '5', false),
       set_config('tcp_keepalives_count', '3', false),
       set_config('client_connection_check_interval', $1, false);
