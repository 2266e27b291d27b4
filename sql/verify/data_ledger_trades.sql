-- Every trade in analytics exists.
-- order: 150
-- severity: warn
-- why: It was published and never committed, or it was archived since: analytics counts it.
-- remedy: Ask the owner of the execution service about it. A service must publish after its commit.
-- rights: SELECT on analytics.sync_ledger and execution.trades
--
-- Trades in the ledger that execution.trades lacks ten minutes after their event was applied. Where old trades are
-- archived elsewhere, they are reported too.
SELECT l.trade_id, l.account_id, l.symbol, l.total_value, l.applied_at
  FROM analytics.sync_ledger AS l
 WHERE l.applied_at < now() - interval '10 minutes'
   AND NOT EXISTS (SELECT FROM execution.trades AS t WHERE t.trade_id = l.trade_id)
 ORDER BY l.applied_at
 LIMIT 20
