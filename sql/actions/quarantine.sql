-- Events in quarantine: those of the given ids, or all that are open, oldest first.
-- Parameters: $1 ids, a text array (NULL: the open ones). Rights: SELECT on analytics.sync_quarantine.
SELECT id::text AS key, kind, event_key, event::text AS event, reason, attempts, first_at, last_at, resolved_at, resolution,
       resolved_by, note
  FROM analytics.sync_quarantine
 WHERE CASE WHEN $1::text[] IS NULL THEN resolved_at IS NULL ELSE id::text = ANY ($1::text[]) END
 ORDER BY id
