-- What keeps VACUUM from removing dead rows: the oldest snapshots, prepared transactions, replication slots and standbys
-- of the server, the oldest first. Running VACUUMs are left out: they do not hold the horizon back.
-- No parameters. Rights: pg_read_all_stats; without it there is a row `hidden`.
WITH activity AS MATERIALIZED (
    SELECT * FROM pg_catalog.pg_stat_activity WHERE pid <> pg_backend_pid()
), holders AS (
    SELECT CASE WHEN backend_type = 'walsender' THEN 'standby' ELSE 'session' END AS kind, pid, backend_start,
           usename::text AS role, coalesce(application_name, '') AS label, coalesce(datname, '')::text AS database,
           coalesce(state, '') AS state, greatest(age(backend_xmin), age(backend_xid)) AS xids,
           extract(epoch FROM now() - coalesce(xact_start, backend_start))::float8 AS seconds
      FROM activity
     WHERE (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)
       AND backend_type <> 'autovacuum worker'
       AND pid NOT IN (SELECT v.pid FROM pg_catalog.pg_stat_progress_vacuum AS v)
     UNION ALL
    SELECT 'prepared transaction', transaction::text::bigint, NULL, owner::text, gid, database::text, 'prepared',
           age(transaction), extract(epoch FROM now() - prepared)::float8
      FROM pg_catalog.pg_prepared_xacts
     UNION ALL
    SELECT 'replication slot', NULL, NULL, NULL, slot_name::text, coalesce(database, '')::text,
           CASE WHEN active THEN 'active' ELSE 'not used' END, greatest(age(xmin), age(catalog_xmin)), NULL
      FROM pg_catalog.pg_replication_slots
     WHERE xmin IS NOT NULL OR catalog_xmin IS NOT NULL
     UNION ALL
    SELECT 'hidden', NULL, NULL, NULL, '', '', '', 2147483647, NULL
     WHERE EXISTS (SELECT FROM activity WHERE backend_type IS NULL)
)
SELECT kind, pid::float8, backend_start, role, label, database, state, xids::float8 AS xids,
       greatest(0, seconds) AS seconds,
       quote_ident(current_user) AS reader
  FROM holders
 ORDER BY xids DESC, seconds DESC NULLS LAST, pid
 LIMIT 5;
