-- Corrects an account's portfolio to its opening balances and the sums of its ledger since, and returns the symbols that differed, each figure before
-- and after. It adds the difference, which one snapshot sees whole, so that trades that are applied meanwhile are
-- neither lost nor counted twice.
-- Parameters: $1 account.
-- Rights: SELECT on analytics.sync_ledger, book_closings and opening_balances; SELECT, INSERT, UPDATE on analytics.portfolio_summary.
WITH cut AS MATERIALIZED (
    SELECT coalesce(max(closed_before), '-infinity') AS at FROM analytics.book_closings
), ledger AS (
    SELECT symbol, sum(total_value) AS total_value, sum(realized_pnl) AS realized_pnl, sum(total_trades) AS total_trades
      FROM (SELECT symbol, total_value, realized_pnl, 1 AS total_trades FROM analytics.sync_ledger
             WHERE account_id = $1 AND (executed_at IS NULL OR executed_at >= (SELECT at FROM cut))
            UNION ALL
            (SELECT DISTINCT ON (symbol) symbol, total_value, realized_pnl, total_trades FROM analytics.opening_balances
              WHERE account_id = $1 ORDER BY symbol, closed_before DESC)) AS parts
     GROUP BY symbol
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
