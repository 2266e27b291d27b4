-- A replication slot, and whether this role may drop it. $1: its name. Rights: none.
SELECT s.slot_name::text                          AS name,
       s.slot_type                                AS type,
       s.plugin::text                             AS plugin,
       s.database::text                           AS database,
       s.active,
       s.active_pid,
       s.wal_status,
       pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END,
                       s.restart_lsn)::float8     AS kept_bytes,
       greatest(age(s.xmin), age(s.catalog_xmin)) AS xmin_age,
       to_jsonb(s) ->> 'inactive_since'           AS inactive_since,
       r.rolsuper OR r.rolreplication             AS may,
       quote_ident(current_user)                  AS me
  FROM pg_replication_slots AS s
 CROSS JOIN (SELECT * FROM pg_roles WHERE rolname = current_user) AS r
 WHERE s.slot_name = $1;
