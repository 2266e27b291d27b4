-- Cancels the statements of sessions, each only if pid, start of the session and start of the statement are still those.
-- $1: pids; $2: when each session began; $3: when each statement began. Rights: pg_signal_backend for others' sessions.
SELECT a.pid, pg_cancel_backend(a.pid) AS sent
  FROM unnest($1::integer[], $2::timestamptz[], $3::timestamptz[]) AS w (pid, backend_start, query_start)
  JOIN pg_stat_activity AS a USING (pid, backend_start, query_start)
 WHERE a.state IN ('active', 'fastpath function call');
