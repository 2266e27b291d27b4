-- Trades of an account in the table that are neither in the ledger nor in quarantine, with the fields of the events
-- that would have brought them.
-- Parameters: $1 account; rows created since $2 (NULL: ever) and before $3 (NULL: until now).
-- Rights: SELECT on execution.trades and orders, analytics.sync_ledger and sync_quarantine.
SELECT t.trade_id, t.symbol, coalesce(nullif(t.strategy, ''), '(none)') AS strategy, o.side::text AS side,
       t.quantity::text, t.price::text, t.commission::text, t.executed_at::text, t.created_at::text, t.trade_type
  FROM execution.trades AS t
  LEFT JOIN execution.orders AS o ON o.order_id = t.order_id
 WHERE t.account_id = $1 AND ($2::timestamptz IS NULL OR t.created_at >= $2::timestamptz)
   AND ($3::timestamptz IS NULL OR t.created_at < $3::timestamptz)
   AND NOT EXISTS (SELECT FROM analytics.sync_ledger AS l WHERE l.trade_id = t.trade_id)
   AND NOT EXISTS (SELECT FROM analytics.sync_quarantine AS q
                    WHERE q.kind = 'trades' AND q.event_key = t.trade_id AND q.resolved_at IS NULL)
 ORDER BY t.trade_id
