-- Every trade has reached analytics.
-- order: 140
-- severity: fail
-- every: 15 minutes
-- why: Portfolio and performance lack these trades.
-- remedy: Check that tradetop sync runs, which recovers them. Otherwise run: tradetop maintain rebuild-analytics
-- rights: SELECT on execution.trades, analytics.sync_ledger, sync_quarantine and sync_workers
--
-- Trades that the synchroniser has neither applied nor quarantined two minutes after they were written, and that nobody has
-- rejected. Passes where no synchroniser has ever run. $1: of trades created since.
WITH missing AS MATERIALIZED (
    SELECT t.trade_id, t.account_id, t.symbol, t.executed_at, t.created_at
      FROM execution.trades AS t
     WHERE ($1::interval IS NULL OR t.created_at >= now() - $1::interval)
       AND t.created_at < now() - interval '2 minutes' AND EXISTS (SELECT FROM analytics.sync_workers)
       AND NOT EXISTS (SELECT FROM analytics.sync_ledger AS l WHERE l.trade_id = t.trade_id)
)
SELECT trade_id, account_id, symbol, executed_at, created_at
  FROM missing AS m
 WHERE NOT EXISTS (SELECT FROM analytics.sync_quarantine AS q
                    WHERE q.kind = 'trades' AND q.event_key = m.trade_id
                      AND (q.resolved_at IS NULL OR q.resolution = 'rejected'))
 ORDER BY created_at
 LIMIT 501
