-- Ends sessions, each only if pid and start are still those. $1: pids; $2: when each session began.
-- Rights: pg_signal_backend for others' sessions.
SELECT a.pid, pg_terminate_backend(a.pid) AS sent
  FROM unnest($1::integer[], $2::timestamptz[]) AS w (pid, backend_start)
  JOIN pg_stat_activity AS a USING (pid, backend_start);
