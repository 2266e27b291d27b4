-- Analytics is the sum of the applied trades.
-- order: 130
-- severity: fail
-- every: 15 minutes
-- why: Something other than the synchroniser wrote to portfolio_summary or performance_metrics: their figures are
--   wrong.
-- remedy: Run: tradetop maintain rebuild-analytics. To see every row that differs: tradetop verify --only data --full
-- rights: SELECT on analytics.sync_ledger, book_closings, opening_balances, portfolio_summary and performance_metrics
--
-- They agree at every moment, since ledger and effect are written in one transaction. Without $1: portfolios, and days of
-- strategies, that differ from the sum of the ledger, from which a rebuild computes them. With $1: the days since and those
-- of trades applied since, and whether all portfolios come to the same as all days. Of closed books a portfolio has the
-- opening balance, and all closed days together come to all opening balances.
WITH cut AS MATERIALIZED (
    SELECT at, (at AT TIME ZONE 'UTC')::date AS day
      FROM (SELECT coalesce(max(closed_before), '-infinity') AS at FROM analytics.book_closings) AS c
), opening AS MATERIALIZED (
    SELECT DISTINCT ON (account_id, symbol) account_id, symbol, total_value AS value, realized_pnl AS pnl, total_trades AS trades
      FROM analytics.opening_balances WHERE $1::interval IS NULL ORDER BY account_id, symbol, closed_before DESC
), looked_at AS MATERIALIZED (
    SELECT strategy, date FROM analytics.performance_metrics
     WHERE $1::interval IS NOT NULL AND date >= (SELECT day FROM cut) AND date >= ((now() - $1::interval) AT TIME ZONE 'UTC')::date
    UNION SELECT strategy, trade_date FROM analytics.sync_ledger
     WHERE $1::interval IS NOT NULL AND applied_at >= now() - $1::interval AND trade_date >= (SELECT day FROM cut)
), days AS MATERIALIZED (
    SELECT strategy, trade_date AS date, sum(total_value) AS value, sum(realized_pnl) AS pnl, count(*) AS trades,
           coalesce(sum(win), 0) AS win_sum, count(win) AS win_count
      FROM analytics.sync_ledger WHERE $1::interval IS NULL AND trade_date >= (SELECT day FROM cut)
     GROUP BY strategy, trade_date
    UNION ALL
    SELECT d.strategy, d.date, l.*
      FROM looked_at AS d, LATERAL (
               SELECT sum(total_value), sum(realized_pnl), count(*), coalesce(sum(win), 0), count(win)
                 FROM analytics.sync_ledger AS l WHERE l.strategy = d.strategy AND l.trade_date = d.date) AS l
)
SELECT 'portfolio_summary' AS of_table, account_id || ' ' || symbol AS key,
       coalesce(p.total_value, 0) AS total_value, coalesce(l.value, 0) AS by_ledger,
       coalesce(p.realized_pnl, 0) AS realized_pnl, coalesce(l.pnl, 0) AS pnl_by_ledger,
       coalesce(p.total_trades, 0) AS trades, coalesce(l.trades, 0) AS trades_by_ledger
  FROM (SELECT account_id, symbol, sum(value) AS value, sum(pnl) AS pnl, sum(trades) AS trades
          FROM (SELECT account_id, symbol, total_value AS value, realized_pnl AS pnl, 1 AS trades FROM analytics.sync_ledger
                 WHERE $1::interval IS NULL AND (executed_at IS NULL OR executed_at >= (SELECT at FROM cut))
                UNION ALL SELECT * FROM opening) AS parts
         GROUP BY account_id, symbol) AS l
  FULL JOIN (SELECT * FROM analytics.portfolio_summary WHERE $1::interval IS NULL) AS p USING (account_id, symbol)
 WHERE (coalesce(p.total_value, 0), coalesce(p.realized_pnl, 0), coalesce(p.total_trades, 0))
       <> (coalesce(l.value, 0), coalesce(l.pnl, 0), coalesce(l.trades, 0))
UNION ALL
SELECT 'performance_metrics', strategy || ' ' || date, coalesce(m.total_value, 0), coalesce(l.value, 0),
       coalesce(m.realized_pnl, 0), coalesce(l.pnl, 0), coalesce(m.total_trades, 0), coalesce(l.trades, 0)
  FROM days AS l
  FULL JOIN (SELECT * FROM analytics.performance_metrics
              WHERE $1::interval IS NULL AND date >= (SELECT day FROM cut)
                 OR (strategy, date) IN (SELECT strategy, date FROM looked_at)) AS m
       USING (strategy, date)
 WHERE (coalesce(m.total_value, 0), coalesce(m.realized_pnl, 0), coalesce(m.total_trades, 0), coalesce(m.win_sum, 0),
        coalesce(m.win_count, 0))
       <> (coalesce(l.value, 0), coalesce(l.pnl, 0), coalesce(l.trades, 0), coalesce(l.win_sum, 0),
           coalesce(l.win_count, 0))
UNION ALL
SELECT 'portfolio_summary', 'all portfolios, beside all days of performance_metrics', p.value, m.value, p.pnl, m.pnl,
       p.trades, m.trades
  FROM (SELECT coalesce(sum(total_value), 0) AS value, coalesce(sum(realized_pnl), 0) AS pnl,
               coalesce(sum(total_trades), 0) AS trades FROM analytics.portfolio_summary) AS p,
       (SELECT coalesce(sum(total_value), 0) AS value, coalesce(sum(realized_pnl), 0) AS pnl,
               coalesce(sum(total_trades), 0) AS trades FROM analytics.performance_metrics) AS m
 WHERE $1::interval IS NOT NULL AND (p.value, p.pnl, p.trades) <> (m.value, m.pnl, m.trades)
UNION ALL
SELECT 'performance_metrics', 'all closed days, beside all opening balances', m.value, o.value, m.pnl, o.pnl, m.trades, o.trades
  FROM (SELECT coalesce(sum(total_value), 0) AS value, coalesce(sum(realized_pnl), 0) AS pnl,
               coalesce(sum(total_trades), 0) AS trades
          FROM analytics.performance_metrics WHERE date < (SELECT day FROM cut)) AS m,
       (SELECT coalesce(sum(value), 0) AS value, coalesce(sum(pnl), 0) AS pnl, coalesce(sum(trades), 0) AS trades
          FROM opening) AS o
 WHERE $1::interval IS NULL AND (m.value, m.pnl, m.trades) <> (o.value, o.pnl, o.trades)
 ORDER BY 1, 2
 LIMIT 501
