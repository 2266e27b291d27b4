-- Ends an event's stay in quarantine by an operator's decision.
-- Parameters: $1 id, $2 accepted or rejected, $3 who, $4 why. Returns the id, if it was open.
-- Rights: SELECT, UPDATE on analytics.sync_quarantine.
UPDATE analytics.sync_quarantine
   SET resolved_at = now(), last_at = now(), resolution = $2, resolved_by = $3, note = $4
 WHERE id = $1::bigint AND resolved_at IS NULL
RETURNING id::text
