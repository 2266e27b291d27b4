-- Cancels the statements of sessions, each only if pid, start of the session and start of the statement are still those;
-- in this order. $1: pids; $2: when each session began; $3: when each statement began.
-- Rights: pg_signal_backend for others' sessions.
SELECT pid, pg_cancel_backend(pid) AS sent
  FROM (SELECT a.pid
          FROM unnest($1::integer[], $2::timestamptz[], $3::timestamptz[])
               WITH ORDINALITY AS w (pid, backend_start, query_start, place)
          JOIN pg_stat_activity AS a USING (pid, backend_start, query_start)
         WHERE a.state IN ('active', 'fastpath function call')
         ORDER BY w.place
        OFFSET 0) AS same;
