-- Makes the slot's position known to the ledger, and records a gap over everything before it: what the slot did not bring
-- is found by a pass over all trades. One effect, so that no position is ever stored without its gap.
-- Parameters: $1 slot, $2 the cluster's system identifier, $3 position, $4 what is published, $5 worker. Returns the gap's
-- reason.
-- Rights: SELECT, INSERT, UPDATE on analytics.sync_slots; INSERT on analytics.sync_gaps; SELECT on analytics.sync_ledger.
WITH position AS (
    INSERT INTO analytics.sync_slots (slot_name, system_id, lsn, publication)
    VALUES ($1, $2, $3::pg_lsn, $4)
        ON CONFLICT (slot_name) DO UPDATE
       SET system_id = excluded.system_id, lsn = excluded.lsn, publication = excluded.publication, updated_at = now()
)
INSERT INTO analytics.sync_gaps (worker, reason, ended_at, fence)
VALUES ($5, CASE WHEN EXISTS (SELECT FROM analytics.sync_ledger) THEN 'lost' ELSE 'first_start' END, clock_timestamp(),
        pg_current_xact_id())
RETURNING reason
