-- Ledger entries of the given trades: whether they came by event or from the table, and what they realised.
-- Parameters: $1 trade ids, a text array.
-- Rights: SELECT on analytics.sync_ledger.
SELECT trade_id, source, realized_pnl::text FROM analytics.sync_ledger WHERE trade_id = ANY ($1::text[]) ORDER BY trade_id
