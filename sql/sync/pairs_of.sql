-- The symbols that an account has traded.
-- Parameters: $1 account. Rights: SELECT on analytics.sync_ledger and sync_pairs.
SELECT symbol FROM analytics.sync_ledger WHERE account_id = $1
UNION SELECT symbol FROM analytics.sync_pairs WHERE account_id = $1
ORDER BY symbol
