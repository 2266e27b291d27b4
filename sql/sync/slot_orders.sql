-- The trades of some orders whose ledger entry has another side than the order, where the trade states none itself.
-- Parameters: $1 order ids, a text array. Returns trade_id.
-- Rights: SELECT on execution.orders, execution.trades and analytics.sync_ledger.
SELECT t.trade_id
  FROM execution.orders AS o
  JOIN execution.trades AS t ON t.order_id = o.order_id
  JOIN analytics.sync_ledger AS l ON l.trade_id = t.trade_id
 WHERE o.order_id = ANY ($1::text[])
   AND ((t.side IS NULL AND l.side IS DISTINCT FROM o.side::text)
        OR (l.account_id, l.symbol) IS DISTINCT FROM (t.account_id, t.symbol))
