-- Cancels a backend's query, unless its pid belongs to another backend by now. $1: pid, $2: its backend_start.
-- Rights: none for one's own sessions, else pg_signal_backend.
SELECT pg_cancel_backend(a.pid) AS sent
FROM pg_stat_activity AS a
WHERE a.pid = $1
  AND a.backend_start = $2::timestamptz;
