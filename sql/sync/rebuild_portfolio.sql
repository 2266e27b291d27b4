-- Corrects an account's portfolio to the sums of its ledger, and returns the symbols that differed, each figure before
-- and after. It adds the difference, which one snapshot sees whole, so that trades that are applied meanwhile are
-- neither lost nor counted twice.
-- Parameters: $1 account.
-- Rights: SELECT on analytics.sync_ledger; SELECT, INSERT, UPDATE on analytics.portfolio_summary.
WITH ledger AS (
    SELECT symbol, sum(total_value) AS total_value, sum(realized_pnl) AS realized_pnl, count(*) AS total_trades
      FROM analytics.sync_ledger WHERE account_id = $1 GROUP BY symbol
), differing AS (
    SELECT symbol, coalesce(p.total_value, 0) AS was_value, coalesce(l.total_value, 0) AS value,
           coalesce(p.realized_pnl, 0) AS was_pnl, coalesce(l.realized_pnl, 0) AS pnl,
           coalesce(p.total_trades, 0) AS was_trades, coalesce(l.total_trades, 0) AS trades
      FROM ledger AS l
      FULL JOIN (SELECT * FROM analytics.portfolio_summary WHERE account_id = $1) AS p USING (symbol)
     WHERE (coalesce(p.total_value, 0), coalesce(p.realized_pnl, 0), coalesce(p.total_trades, 0))
           IS DISTINCT FROM (coalesce(l.total_value, 0), coalesce(l.realized_pnl, 0), coalesce(l.total_trades, 0))
), corrected AS (
    INSERT INTO analytics.portfolio_summary AS p (account_id, symbol, total_value, realized_pnl, total_trades)
    SELECT $1, symbol, value - was_value, pnl - was_pnl, trades - was_trades FROM differing ORDER BY symbol
        ON CONFLICT (account_id, symbol) DO UPDATE
       SET total_value = p.total_value + excluded.total_value,
           realized_pnl = p.realized_pnl + excluded.realized_pnl,
           total_trades = p.total_trades + excluded.total_trades,
           last_updated = now()
    RETURNING 1
)
SELECT symbol AS key, was_value::text, value::text, was_pnl::text, pnl::text, was_trades::text, trades::text
  FROM differing
 WHERE (SELECT count(*) FROM corrected) >= 0
 ORDER BY symbol
