-- Makes a replication slot that nobody reads and that keeps WAL from now on, unless it is there.
-- No parameters. Rights: REPLICATION.
SELECT pg_create_physical_replication_slot('standby_3', true)
 WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'standby_3')
