-- The session that holds the advisory lock of an action and its target. $1: the lock's name.
-- Rights: none; pg_read_all_stats to see client and start of other roles' sessions.
SELECT l.pid,
       a.usename::text            AS username,
       a.application_name         AS application,
       host(a.client_addr)        AS client,
       a.backend_start::text      AS backend_start,
       CASE WHEN a.state = 'idle'
           THEN extract(epoch FROM clock_timestamp() - a.state_change)::float8 END AS idle_seconds
FROM pg_locks AS l
LEFT JOIN pg_stat_activity AS a USING (pid)
WHERE l.locktype = 'advisory'
  AND l.granted
  AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended($1, 0)
ORDER BY l.pid
LIMIT 1;
