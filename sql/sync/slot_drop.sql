-- Drops a slot that is in use by nobody.
-- Parameters: $1 slot.
-- Rights: REPLICATION.
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND NOT active
