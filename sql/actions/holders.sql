-- The sessions with locks that block maintenance of these tables (reads and row locks do not), oldest first.
-- $1: the tables' oids, $2: our own pid, to be left out.
-- Rights: none; pg_read_all_stats to see details of other roles' sessions.
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
