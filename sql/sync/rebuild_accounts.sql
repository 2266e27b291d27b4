-- Every account that has trades, positions, or anything in analytics.
-- No parameters. Rights: SELECT on execution.trades and positions, analytics.sync_ledger, opening_balances and
-- portfolio_summary.
SELECT account_id FROM execution.trades
UNION SELECT account_id FROM execution.positions
UNION SELECT account_id FROM analytics.sync_ledger
UNION SELECT account_id FROM analytics.opening_balances
UNION SELECT account_id FROM analytics.portfolio_summary
ORDER BY account_id
