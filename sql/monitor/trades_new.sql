-- The executions that were written after the one with id $1, at most the last 200, with the side of their orders.
-- Rights: SELECT on execution.trades and execution.orders.
SELECT t.id::text AS id, t.trade_id, t.order_id, t.account_id, t.symbol, o.side::text AS side, t.quantity, t.price, t.commission,
       t.executed_at, t.strategy, t.trade_type
  FROM execution.trades AS t
  LEFT JOIN execution.orders AS o ON o.order_id = t.order_id
 WHERE t.id > $1
 ORDER BY t.id DESC
 LIMIT 200;
