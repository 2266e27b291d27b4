-- Closes the quarantine entry of a trade that a later event has brought into the ledger; not of one in closed books, where no
-- event brings anything.
-- Parameters: $1 kind, $2 identity. Returns the entry where it was closed.
-- Rights: SELECT, UPDATE on analytics.sync_quarantine; SELECT on analytics.sync_ledger and
-- book_closings.
UPDATE analytics.sync_quarantine AS q SET resolved_at = now(), last_at = now(), resolution = 'applied'
 WHERE q.kind = $1 AND q.event_key = $2 AND q.resolved_at IS NULL AND q.kind = 'trades'
   AND EXISTS (SELECT FROM analytics.sync_ledger AS l WHERE l.trade_id = q.event_key
                  AND (l.executed_at >= (SELECT max(closed_before) FROM analytics.book_closings)) IS NOT FALSE)
RETURNING q.id::text
