-- What the ledger has of trades and of the events that announced them, also of closed months. Parameters: $1 trade ids, an
-- array; $2 the earliest time of execution that the archive is looked through for.
-- Rights: SELECT on analytics.sync_ledger and analytics.archived_sync_ledger.
SELECT trade_id, account_id, symbol, strategy, trade_date::text AS date, source, applied_at, total_value::text,
       realized_pnl::text, row_id::text, published_at, received_at, arrival, false AS archived
  FROM analytics.sync_ledger WHERE trade_id = ANY ($1::text[])
 UNION ALL
SELECT trade_id, account_id, symbol, strategy, trade_date::text, source, applied_at, total_value::text,
       realized_pnl::text, row_id::text, published_at, received_at, arrival, true
  FROM analytics.archived_sync_ledger WHERE trade_id = ANY ($1::text[]) AND executed_at >= $2::timestamptz;
