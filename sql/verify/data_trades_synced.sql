-- Trades that the synchroniser has neither applied nor set aside two minutes after they were made, where it ever ran.
-- Rights: SELECT on execution.trades, analytics.sync_ledger, sync_quarantine, sync_workers.
SELECT t.trade_id, t.account_id, t.symbol, t.executed_at, t.created_at
  FROM execution.trades AS t
 WHERE t.created_at < now() - interval '2 minutes' AND EXISTS (SELECT FROM analytics.sync_workers)
   AND NOT EXISTS (SELECT FROM analytics.sync_ledger AS l WHERE l.trade_id = t.trade_id)
   AND NOT EXISTS (SELECT FROM analytics.sync_quarantine AS q
                    WHERE q.kind = 'trades' AND q.event_key = t.trade_id AND q.resolved_at IS NULL)
 ORDER BY t.created_at
 LIMIT 20
