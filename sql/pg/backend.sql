-- The backend that serves this connection, and whether it is in recovery.
-- Rights: none.
SELECT a.pid,
       a.backend_start::text  AS backend_start,
       pg_is_in_recovery()    AS standby,
       session_user::text     AS session_user,
       current_database()     AS database
FROM pg_stat_activity AS a
WHERE a.pid = pg_backend_pid();
