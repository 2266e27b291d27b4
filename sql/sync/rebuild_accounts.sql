-- Every account that has trades, positions, or anything in analytics.
-- No parameters. Rights: SELECT on execution.trades and positions, analytics.sync_ledger and portfolio_summary.
SELECT account_id FROM execution.trades
UNION SELECT account_id FROM execution.positions
UNION SELECT account_id FROM analytics.sync_ledger
UNION SELECT account_id FROM analytics.portfolio_summary
ORDER BY account_id
