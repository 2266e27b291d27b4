-- Records how far the ledger has applied the WAL, in the transaction that applied it. A position never goes back, so that
-- a worker that was suspended and replaced changes nothing.
-- Parameters: $1 slot, $2 position.
-- Rights: SELECT, UPDATE on analytics.sync_slots.
UPDATE analytics.sync_slots SET lsn = $2::pg_lsn, updated_at = now() WHERE slot_name = $1 AND lsn < $2::pg_lsn
