-- Closes the quarantine entry of an event that has been applied.
-- Parameters: $1 kind, $2 identity.
-- Rights: SELECT, UPDATE on analytics.sync_quarantine.
UPDATE analytics.sync_quarantine SET resolved_at = now(), last_at = now(), resolution = 'applied'
 WHERE kind = $1 AND event_key = $2 AND resolved_at IS NULL
