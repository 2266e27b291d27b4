-- No order that was not rejected is worth more than its limits allow.
-- Against the enabled limits of type max_order_value, at its own price, or at the last price where it has none.
-- $1: of orders created since. Rights: SELECT on execution.orders, risk_management.risk_limits, analytics.sync_marks.
WITH limits AS MATERIALIZED (
    SELECT * FROM risk_management.risk_limits WHERE limit_type = 'max_order_value' AND enabled
), worth AS (
    SELECT o.*, o.quantity * coalesce(o.price, o.stop_price, m.price) AS value
      FROM execution.orders AS o
      LEFT JOIN analytics.sync_marks AS m USING (symbol)
     WHERE o.created_at >= $1::timestamptz AND o.status <> 'rejected' AND EXISTS (SELECT FROM limits)
)
SELECT w.order_id || ' limit ' || l.id AS row_key, w.symbol, w.created_at AS row_at, 'error' AS severity,
       'at most ' || l.limit_value AS expected, round(w.value, 4)::text AS actual,
       'The order ' || w.order_id || ' is worth more than limit ' || l.id || ' allows.' AS message
  FROM worth AS w
  JOIN limits AS l ON (l.account_id IS NULL OR l.account_id = w.account_id) AND (l.strategy IS NULL OR l.strategy = w.strategy)
   AND (l.symbol IS NULL OR l.symbol = w.symbol) AND w.value > l.limit_value
 ORDER BY w.created_at, w.order_id, l.id
 LIMIT 200;
