-- The sessions that block a waiting backend. $1: its pid.
-- Rights: none; pg_read_all_stats to see details of other roles' sessions.
SELECT b.pid,
       a.usename::text                                               AS username,
       a.application_name                                            AS application,
       extract(epoch FROM clock_timestamp() - a.xact_start)::float8  AS seconds
FROM unnest(pg_blocking_pids($1)) AS b (pid)
LEFT JOIN pg_stat_activity AS a USING (pid)
ORDER BY a.xact_start NULLS LAST, b.pid
LIMIT 5;
