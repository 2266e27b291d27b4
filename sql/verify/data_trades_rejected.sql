-- No trade in the books was rejected.
-- order: 145
-- severity: warn
-- every: 15 minutes
-- why: An operator rejected its event, so analytics leaves it out, and execution.trades still has it.
-- remedy: Look at it with tradetop trade show ID. Take it out of the books: tradetop trade bust ID --reason …
-- rights: SELECT on execution.trades and analytics.sync_ledger and sync_quarantine
SELECT t.trade_id, t.account_id, t.symbol, q.resolved_at AS rejected_at, q.resolved_by AS rejected_by, q.note
  FROM analytics.sync_quarantine AS q
  JOIN execution.trades AS t ON t.trade_id = q.event_key
 WHERE q.kind = 'trades' AND q.resolution = 'rejected'
   AND NOT EXISTS (SELECT FROM analytics.sync_ledger AS l WHERE l.trade_id = t.trade_id)
 ORDER BY q.resolved_at
 LIMIT 501
