-- Who keeps a waiting backend waiting. $1 its pid.
-- Rights: what others' sessions do needs pg_read_all_stats.
SELECT b.pid,
       a.usename::text                                               AS username,
       a.application_name                                            AS application,
       extract(epoch FROM clock_timestamp() - a.xact_start)::float8  AS seconds
FROM unnest(pg_blocking_pids($1)) AS b (pid)
LEFT JOIN pg_stat_activity AS a USING (pid)
ORDER BY a.xact_start NULLS LAST, b.pid
LIMIT 5;
