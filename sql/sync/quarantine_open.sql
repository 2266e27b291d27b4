-- Events in quarantine, oldest first. The JSON keeps every digit as text.
-- Parameters: those after number $1, at most $2 of them.
-- Rights: SELECT on analytics.sync_quarantine.
SELECT q.id::text, kind, event_key, event::text, sqlstate, reason, attempts
  FROM analytics.sync_quarantine AS q
 WHERE resolved_at IS NULL AND q.id > $1::bigint
 ORDER BY q.id
 LIMIT $2::integer
