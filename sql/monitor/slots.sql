-- Replication slots: how much WAL the server keeps for each, and how old the rows are that it keeps for it.
-- No parameters. Rights: none.
SELECT slot_name::text AS name, slot_type AS type, coalesce(database, '')::text AS database, active, active_pid,
       pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END,
                       restart_lsn)::float8 AS kept_bytes,
       safe_wal_size::float8 AS safe_bytes, wal_status,
       greatest(age(xmin), age(catalog_xmin)) AS xmin_age,
       NULL::timestamptz AS inactive_since, NULL::text AS invalidated
  FROM pg_catalog.pg_replication_slots
 WHERE NOT temporary OR NOT active
 ORDER BY kept_bytes DESC NULLS LAST, name
 LIMIT 50;
