-- What the slot mode depends on: settings and rights, the replication slot, the publication, and the position up to
-- which the ledger has applied the WAL. One row. The last fields of WAL are in bytes.
-- Parameters: $1 slot, $2 publication.
-- Rights: SELECT on analytics.sync_slots.
SELECT current_setting('wal_level') AS wal_level,
       pg_is_in_recovery() AS standby,
       (SELECT rolsuper OR rolreplication FROM pg_roles WHERE rolname = current_user)
           OR coalesce(pg_has_role(to_regrole('rds_replication'), 'USAGE'), false) AS may_replicate,
       current_setting('max_replication_slots')::integer - (SELECT count(*) FROM pg_replication_slots)::integer AS free_slots,
       (SELECT system_identifier::text FROM pg_control_system()) AS system_id,
       now.lsn::text AS wal_now,
       s.slot_name IS NOT NULL AS there,
       coalesce(s.plugin = 'pgoutput' AND s.database = current_database(), false) AS ours,
       coalesce(s.active, false) AS active,
       s.wal_status,
       to_jsonb(s) ->> 'invalidation_reason' AS invalidation_reason,
       s.confirmed_flush_lsn::text AS confirmed,
       pg_wal_lsn_diff(now.lsn, s.restart_lsn)::text AS retained_bytes,
       s.safe_wal_size::text AS safe_bytes,
       (SELECT setting::bigint * 1048576 FROM pg_settings WHERE name = 'max_slot_wal_keep_size')::text AS keep_bytes,
       k.lsn::text AS applied, k.system_id AS applied_system_id, k.publication AS applied_publication,
       (SELECT concat_ws(' ', p.oid, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, p.pubviaroot,
                         (SELECT string_agg(concat_ws('=', r.prrelid, r.oid, c.relreplident), ' ' ORDER BY r.prrelid)
                            FROM pg_publication_rel AS r JOIN pg_class AS c ON c.oid = r.prrelid WHERE r.prpubid = p.oid))
          FROM pg_publication AS p WHERE p.pubname = $2) AS publication,
       (SELECT string_agg(name, ', ')
          FROM unnest('{execution.trades,execution.orders,execution.positions,data_ingestion.market_data}'::text[]) AS name
         WHERE NOT EXISTS (SELECT FROM pg_publication_tables AS t
                            WHERE t.pubname = $2 AND t.schemaname || '.' || t.tablename = name)) AS lacking
  FROM (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END) AS now (lsn)
  LEFT JOIN pg_replication_slots AS s ON s.slot_name = $1
  LEFT JOIN analytics.sync_slots AS k ON k.slot_name = $1
