-- Every replication slot is in use.
-- order: 90
-- severity: warn
-- every: minute
-- why: An unused slot keeps WAL, and perhaps dead rows, until the disk is full.
-- remedy: Start its consumer, or: SELECT pg_drop_replication_slot('…');
-- rights: none
SELECT slot_name AS object, slot_type AS type, wal_status, pg_size_pretty(pg_wal_lsn_diff(
    CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END,
        restart_lsn)) AS retained
FROM pg_replication_slots
WHERE NOT active
ORDER BY restart_lsn NULLS LAST
LIMIT 501;
