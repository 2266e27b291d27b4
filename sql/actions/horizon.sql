-- What keeps VACUUM from removing dead rows of this database: the oldest snapshots, prepared transactions and slots,
-- oldest first. $1: our own pid, to be left out. Running VACUUMs are left out: they do not hold the horizon back.
-- Rights: none; pg_read_all_stats to see the age of other roles' transactions.
SELECT h.kind, h.pid, h.label, h.xids, h.seconds
FROM (
    SELECT 'session' AS kind,
           a.pid,
           concat_ws(', ', a.usename, nullif(a.application_name, ''), a.state)  AS label,
           greatest(age(a.backend_xmin), age(a.backend_xid))             AS xids,
           extract(epoch FROM clock_timestamp() - a.xact_start)::float8  AS seconds
    FROM pg_stat_activity AS a
    WHERE (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL)
      AND (a.datname = current_database() OR a.backend_type = 'walsender')
      AND a.pid NOT IN ($1, pg_backend_pid())
      AND a.pid NOT IN (SELECT v.pid FROM pg_stat_progress_vacuum AS v)
    UNION ALL
    SELECT 'prepared transaction', NULL, concat_ws(', ', p.gid, p.owner), age(p.transaction),
           extract(epoch FROM clock_timestamp() - p.prepared)::float8
    FROM pg_prepared_xacts AS p
    WHERE p.database = current_database()
    UNION ALL
    SELECT 'replication slot', s.active_pid, s.slot_name::text, age(s.xmin), NULL
    FROM pg_replication_slots AS s
    WHERE s.xmin IS NOT NULL
) AS h
ORDER BY h.xids DESC, h.seconds DESC NULLS LAST
LIMIT 3;
