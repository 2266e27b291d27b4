-- Drops the slot that the incident made, unless a person has.
-- No parameters. Rights: REPLICATION.
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'standby_3'
