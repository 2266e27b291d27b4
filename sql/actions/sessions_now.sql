-- What became of sessions: a row for each whose process id is in use. $1: pids; $2: when each session began.
-- `same`: the session itself, and not another one that has its id by now. Rights: pg_read_all_stats.
SELECT a.pid,
       a.backend_start = w.backend_start                    AS same,
       a.query_start::text                                  AS query_start,
       a.state IN ('active', 'fastpath function call')      AS active
  FROM unnest($1::integer[], $2::timestamptz[]) AS w (pid, backend_start)
  JOIN pg_stat_activity AS a USING (pid);
