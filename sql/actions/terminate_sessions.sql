-- Ends sessions, each only if pid and start are still those; in this order. $1: pids; $2: when each session began.
-- Rights: pg_signal_backend for others' sessions.
SELECT pid, pg_terminate_backend(pid) AS sent
  FROM (SELECT a.pid
          FROM unnest($1::integer[], $2::timestamptz[]) WITH ORDINALITY AS w (pid, backend_start, place)
          JOIN pg_stat_activity AS a USING (pid, backend_start)
         ORDER BY w.place
        OFFSET 0) AS same;
