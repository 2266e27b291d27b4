-- Trades that events brought into the ledger before their rows could be seen, and whose rows are there now.
-- Parameters: $1 entries applied since, $2 most of them.
-- Rights: SELECT on execution.trades and analytics.sync_ledger.
SELECT l.trade_id
  FROM analytics.sync_ledger AS l JOIN execution.trades AS t ON t.trade_id = l.trade_id
 WHERE l.row_id IS NULL AND l.applied_at >= $1::timestamptz
 ORDER BY l.applied_at
 LIMIT $2::integer
