-- Of trades $1 (text array) those that are in the ledger: by what way they came, and what they realised.
-- Rights: SELECT on analytics.sync_ledger.
SELECT trade_id, source, realized_pnl::text FROM analytics.sync_ledger WHERE trade_id = ANY ($1::text[]) ORDER BY trade_id
