-- Every fill is of its order's side, no better for the market than the order's limit, and not before the order.
-- $1: of trades created since. Rights: SELECT on execution.trades and orders.
WITH judged AS (
    SELECT t.trade_id, t.symbol, t.executed_at, t.created_at, o.order_id,
           CASE WHEN t.side IS NOT NULL AND t.side <> o.side THEN 'side ' || o.side
                WHEN o.order_type IN ('limit', 'stop_limit') AND (o.side = 'buy' AND t.price > o.price OR o.side = 'sell' AND t.price < o.price)
                    THEN CASE o.side WHEN 'buy' THEN 'at most ' ELSE 'at least ' END || o.price
                WHEN t.executed_at < o.created_at - interval '5 seconds' THEN 'after ' || o.created_at END AS expected,
           format('%s at %s on %s', coalesce(t.side, o.side), t.price, t.executed_at) AS actual
      FROM execution.trades AS t
      JOIN execution.orders AS o ON o.order_id = t.order_id
     WHERE t.created_at >= $1::timestamptz
)
SELECT trade_id AS row_key, symbol, created_at AS row_at, 'error' AS severity, expected, actual,
       'The fill ' || trade_id || ' does not fit its order ' || order_id || '.' AS message
  FROM judged
 WHERE expected IS NOT NULL
 ORDER BY created_at, trade_id
 LIMIT 200;
