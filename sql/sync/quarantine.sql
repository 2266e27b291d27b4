-- Puts an event that cannot be applied into quarantine, with the reason. One that is there already counts another
-- attempt, and is open again, unless an operator has rejected it.
-- Parameters: $1 kind, $2 identity, $3 the event as JSON, $4 SQLSTATE or NULL, $5 reason.
-- Rights: SELECT, INSERT, UPDATE on analytics.sync_quarantine.
INSERT INTO analytics.sync_quarantine AS q (kind, event_key, event, sqlstate, reason)
VALUES ($1, $2, $3::jsonb, $4, $5)
    ON CONFLICT (kind, event_key) DO UPDATE
   SET event = excluded.event, sqlstate = excluded.sqlstate, reason = excluded.reason,
       attempts = q.attempts + 1, last_at = now(),
       resolved_at = CASE WHEN q.resolution = 'rejected' THEN q.resolved_at END,
       resolution = CASE WHEN q.resolution = 'rejected' THEN q.resolution END,
       resolved_by = CASE WHEN q.resolution = 'rejected' THEN q.resolved_by END,
       note = CASE WHEN q.resolution = 'rejected' THEN q.note END
