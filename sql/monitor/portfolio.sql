-- Each account's portfolio, as the synchroniser sums it up: trades, open positions, values and P&L. At most 500 accounts.
-- An account of which one open position has no mark has neither market value nor unrealised P&L.
-- No parameters. Rights: SELECT on analytics.portfolio_summary.
SELECT account_id, sum(total_trades)::float8 AS trades, count(*) FILTER (WHERE quantity > 0)::float8 AS positions, sum(total_value) AS total_value,
       sum(realized_pnl) AS realized_pnl,
       CASE WHEN count(*) FILTER (WHERE quantity > 0 AND market_value IS NULL) = 0
            THEN coalesce(sum(market_value) FILTER (WHERE quantity > 0), 0) END AS market_value,
       CASE WHEN count(*) FILTER (WHERE quantity > 0 AND unrealized_pnl IS NULL) = 0
            THEN coalesce(sum(unrealized_pnl) FILTER (WHERE quantity > 0), 0) END AS unrealized_pnl,
       max(last_updated) AS last_updated
  FROM analytics.portfolio_summary
 GROUP BY account_id
 ORDER BY account_id
 LIMIT 500;
