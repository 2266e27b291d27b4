-- Analytics is the sum of the applied trades.
-- order: 130
-- severity: fail
-- why: Something other than the synchroniser wrote to portfolio_summary or performance_metrics: their figures are
--   wrong.
-- remedy: Run: tradetop maintain rebuild-analytics
-- rights: SELECT on analytics.sync_ledger, portfolio_summary and performance_metrics
--
-- Portfolios, and days of strategies, that differ from the sum of the ledger, from which a rebuild computes them. They
-- agree at every moment, since ledger and effect are written in one transaction.
SELECT 'portfolio_summary' AS of_table, account_id || ' ' || symbol AS key,
       coalesce(p.total_value, 0) AS total_value, coalesce(l.value, 0) AS by_ledger,
       coalesce(p.realized_pnl, 0) AS realized_pnl, coalesce(l.pnl, 0) AS pnl_by_ledger,
       coalesce(p.total_trades, 0) AS trades, coalesce(l.trades, 0) AS trades_by_ledger
  FROM (SELECT account_id, symbol, sum(total_value) AS value, sum(realized_pnl) AS pnl, count(*) AS trades
          FROM analytics.sync_ledger GROUP BY account_id, symbol) AS l
  FULL JOIN analytics.portfolio_summary AS p USING (account_id, symbol)
 WHERE (coalesce(p.total_value, 0), coalesce(p.realized_pnl, 0), coalesce(p.total_trades, 0))
       <> (coalesce(l.value, 0), coalesce(l.pnl, 0), coalesce(l.trades, 0))
UNION ALL
SELECT 'performance_metrics', strategy || ' ' || date, coalesce(m.total_value, 0), coalesce(l.value, 0),
       coalesce(m.realized_pnl, 0), coalesce(l.pnl, 0), coalesce(m.total_trades, 0), coalesce(l.trades, 0)
  FROM (SELECT strategy, trade_date AS date, sum(total_value) AS value, sum(realized_pnl) AS pnl, count(*) AS trades,
               coalesce(sum(win), 0) AS win_sum, count(win) AS win_count
          FROM analytics.sync_ledger GROUP BY strategy, trade_date) AS l
  FULL JOIN analytics.performance_metrics AS m USING (strategy, date)
 WHERE (coalesce(m.total_value, 0), coalesce(m.realized_pnl, 0), coalesce(m.total_trades, 0), coalesce(m.win_sum, 0),
        coalesce(m.win_count, 0))
       <> (coalesce(l.value, 0), coalesce(l.pnl, 0), coalesce(l.trades, 0), coalesce(l.win_sum, 0),
           coalesce(l.win_count, 0))
 ORDER BY 1, 2
 LIMIT 20
