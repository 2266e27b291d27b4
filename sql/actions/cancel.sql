-- Cancels what a backend runs, only while it is still that backend. $1 pid, $2 its backend_start.
-- Rights: one's own sessions, or pg_signal_backend.
SELECT pg_cancel_backend(a.pid) AS sent
FROM pg_stat_activity AS a
WHERE a.pid = $1
  AND a.backend_start = $2::timestamptz;
