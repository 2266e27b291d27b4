-- Ends a backend of ours that has nothing to do and whose client we have lost: its locks would keep the next run away.
-- $1 pid, $2 its backend_start. Rights: one's own sessions, or pg_signal_backend.
SELECT pg_terminate_backend(a.pid) AS ended
FROM pg_stat_activity AS a
WHERE a.pid = $1
  AND a.backend_start = $2::timestamptz
  AND a.state = 'idle';
