-- The last 200 executions with the side of their orders, the newest first.
-- No parameters. Rights: SELECT on execution.trades and execution.orders.
WITH last AS MATERIALIZED (
    SELECT id, trade_id, order_id, account_id, symbol, quantity, price, commission, executed_at, strategy, trade_type
      FROM execution.trades
     ORDER BY executed_at DESC, id DESC
     LIMIT 200
)
SELECT t.id::text AS id, t.trade_id, t.order_id, t.account_id, t.symbol, o.side::text AS side, t.quantity, t.price, t.commission,
       t.executed_at, t.strategy, t.trade_type
  FROM last AS t
  LEFT JOIN execution.orders AS o ON o.order_id = t.order_id
 ORDER BY t.executed_at DESC, t.trade_id DESC;
