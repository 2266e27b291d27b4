-- As slot_create.sql, from PostgreSQL 17 on: standbys that are set up for it keep a copy of the slot for a failover.
-- Rights: REPLICATION.
SELECT lsn::text AS lsn FROM pg_create_logical_replication_slot('tradetop_sync', 'pgoutput', failover => true)
