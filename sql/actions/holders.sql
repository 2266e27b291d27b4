-- Who has locks on tables that make maintenance of them wait (all but row locks and reads), longest first.
-- $1 the tables' oids, $2 a pid of our own to leave out.
-- Rights: what others' sessions do needs pg_read_all_stats.
SELECT l.pid,
       l.relation,
       max(l.mode)                                                   AS mode,
       a.usename::text                                               AS username,
       a.application_name                                            AS application,
       extract(epoch FROM clock_timestamp() - a.xact_start)::float8  AS seconds
FROM pg_locks AS l
LEFT JOIN pg_stat_activity AS a USING (pid)
WHERE l.locktype = 'relation'
  AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.relation = ANY ($1::oid[])
  AND l.pid <> $2
  AND l.mode IN ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
                 'AccessExclusiveLock')
GROUP BY l.pid, l.relation, a.usename, a.application_name, a.xact_start
ORDER BY a.xact_start NULLS LAST, l.pid
LIMIT 5;
