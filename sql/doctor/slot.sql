-- What `tradetop sync --source slot` needs of the server. No rows where its slot is not there and nobody asks for it.
-- Parameters: $1 whether it is asked for. Rights: none.
WITH server AS (
    SELECT current_setting('wal_level') AS wal_level,
           current_setting('max_wal_senders')::integer AS senders,
           current_setting('max_replication_slots')::integer AS slots,
           (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'walsender') AS sending,
           (SELECT setting::bigint FROM pg_settings WHERE name = 'max_slot_wal_keep_size') AS keep,
           (SELECT string_agg(name, ', ')
              FROM unnest('{execution.trades,execution.orders,execution.positions,data_ingestion.market_data}'::text[]) AS name
             WHERE NOT EXISTS (SELECT FROM pg_publication_tables AS t
                                WHERE t.pubname = 'tradetop' AND t.schemaname || '.' || t.tablename = name)) AS lacking
), slot AS (
    SELECT s.*, coalesce((to_jsonb(s) ->> 'failover')::boolean, current_setting('server_version_num')::integer < 170000) AS kept,
           coalesce(to_jsonb(s) ->> 'invalidation_reason', CASE wal_status WHEN 'lost' THEN 'WAL is lost' END) AS invalid,
           pg_size_pretty(pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                                               ELSE pg_current_wal_lsn() END, restart_lsn)) AS retained
    FROM pg_replication_slots AS s WHERE slot_name = 'tradetop_sync'
), may AS (
    SELECT coalesce(string_agg(rolname, ', ') FILTER (WHERE rolsuper OR rolreplication
               OR pg_has_role(oid, to_regrole('rds_replication')::oid, 'USAGE')), '') AS roles
    FROM pg_roles WHERE rolname IN ('tradetop_sync', current_user)
), findings AS (
    SELECT 1 AS n, 'slot_wal_level' AS id, wal_level = 'logical' AS good, 'missing' AS bad,
           format('wal_level = %s%s', wal_level,
                  CASE WHEN wal_level = 'logical' THEN '' ELSE ': the WAL does not say which rows changed' END) AS text,
           'ALTER SYSTEM SET wal_level = logical; then restart PostgreSQL' AS remedy
    FROM server
    UNION ALL
    SELECT 2, 'slot_right', roles <> '', 'missing',
           CASE WHEN roles = '' THEN 'tradetop_sync may not read the WAL' ELSE roles || ' may read the WAL' END,
           CASE WHEN to_regrole('rds_replication') IS NULL THEN 'ALTER ROLE tradetop_sync REPLICATION;'
                ELSE 'GRANT rds_replication TO tradetop_sync;' END
    FROM may
    UNION ALL
    SELECT 3, 'slot_publication', lacking IS NULL, 'missing',
           'publication tradetop ' || coalesce('lacks ' || lacking, 'has every table'), 'tradetop setup'
    FROM server
    UNION ALL
    SELECT 4, 'slot_free', used.slots < server.slots AND (active OR sending < senders), 'missing',
           format('%s of %s replication slots and %s of %s walsenders in use', used.slots, server.slots, sending, senders),
           format('ALTER SYSTEM SET max_replication_slots = %s; ALTER SYSTEM SET max_wal_senders = %s; then restart PostgreSQL',
                  server.slots * 2, senders * 2)
    FROM server, (SELECT count(*) FILTER (WHERE slot_name <> 'tradetop_sync') AS slots,
                         coalesce(bool_or(active) FILTER (WHERE slot_name = 'tradetop_sync'), false) AS active
                  FROM pg_replication_slots) AS used
    UNION ALL
    SELECT 5, 'slot_bound', keep >= 0, 'warn',
           CASE WHEN keep >= 0 THEN format('at most %s of WAL are kept for a slot', pg_size_pretty(keep * 1048576))
                ELSE 'max_slot_wal_keep_size = -1: a slot that nobody reads keeps WAL until the disk is full' END,
           'ALTER SYSTEM SET max_slot_wal_keep_size = ''10GB''; SELECT pg_reload_conf();'
    FROM server
    UNION ALL
    SELECT 6, 'slot', invalid IS NULL AND active, CASE WHEN invalid IS NULL THEN 'warn' ELSE 'missing' END,
           'slot tradetop_sync ' || coalesce('was given up by the server: ' || invalid,
               format('is read by %s; the server keeps %s of WAL for it', CASE WHEN active THEN 'a worker' ELSE 'nobody' END,
                      retained)),
           'tradetop sync --source slot (or, where no worker will run again: SELECT pg_drop_replication_slot(''tradetop_sync'');)'
    FROM slot
    UNION ALL
    SELECT 7, 'slot_failover', kept, 'warn',
           CASE WHEN kept THEN 'slot tradetop_sync is kept by standbys that synchronise slots, from PostgreSQL 17 on'
                ELSE 'slot tradetop_sync is not kept by standbys: after a failover all trades are compared' END,
           'stop the workers; SELECT pg_drop_replication_slot(''tradetop_sync''); start them'
    FROM slot
)
SELECT id, 'sync --source slot' AS feature, CASE WHEN good THEN 'ok' ELSE bad END AS status, text,
       CASE WHEN NOT good THEN remedy END AS remedy
FROM findings
WHERE $1::boolean OR EXISTS (SELECT FROM slot)
ORDER BY n;
