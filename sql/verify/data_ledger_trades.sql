-- Trades in the ledger that execution.trades does not have ten minutes after their event was applied: published, and
-- never committed. Where old trades are archived elsewhere they are told here too.
-- Rights: SELECT on analytics.sync_ledger and execution.trades.
SELECT l.trade_id, l.account_id, l.symbol, l.total_value, l.applied_at
  FROM analytics.sync_ledger AS l
 WHERE l.applied_at < now() - interval '10 minutes'
   AND NOT EXISTS (SELECT FROM execution.trades AS t WHERE t.trade_id = l.trade_id)
 ORDER BY l.applied_at
 LIMIT 20
