-- Terminates our idle backend after its connection was lost: its locks would block the next run.
-- $1: pid, $2: its backend_start. Rights: none for one's own sessions, else pg_signal_backend.
SELECT pg_terminate_backend(a.pid) AS ended
FROM pg_stat_activity AS a
WHERE a.pid = $1
  AND a.backend_start = $2::timestamptz
  AND a.state = 'idle';
