-- No order is filled beyond its quantity.
-- $1: of orders with trades created since. Rights: SELECT on execution.trades and orders.
WITH looked_at AS MATERIALIZED (
    SELECT order_id, max(created_at) AS at FROM execution.trades
     WHERE created_at >= $1::timestamptz AND order_id IS NOT NULL
     GROUP BY order_id
)
SELECT o.order_id AS row_key, o.symbol, l.at AS row_at, 'critical' AS severity, 'at most ' || o.quantity AS expected,
       f.filled::text AS actual, 'The order ' || o.order_id || ' is filled beyond its quantity.' AS message
  FROM looked_at AS l
  JOIN execution.orders AS o USING (order_id)
 CROSS JOIN LATERAL (SELECT sum(t.quantity) AS filled FROM execution.trades AS t WHERE t.order_id = l.order_id) AS f
 WHERE f.filled > o.quantity
 ORDER BY l.at, o.order_id
 LIMIT 200;
