-- Every order has the prices that its type needs, and no others.
-- $1: of orders created since. Rights: SELECT on execution.orders.
SELECT order_id AS row_key, symbol, created_at AS row_at, 'error' AS severity,
       CASE order_type WHEN 'market' THEN 'neither price nor stop price' WHEN 'limit' THEN 'a price'
                       WHEN 'stop' THEN 'a stop price' ELSE 'a price and a stop price' END AS expected,
       format('%s order, price %s, stop price %s', order_type, coalesce(price::text, 'none'), coalesce(stop_price::text, 'none')) AS actual,
       'The order ' || order_id || ' has other prices than its type needs.' AS message
  FROM execution.orders
 WHERE created_at >= $1::timestamptz
   AND CASE order_type WHEN 'market' THEN price IS NOT NULL OR stop_price IS NOT NULL WHEN 'limit' THEN price IS NULL
                       WHEN 'stop' THEN stop_price IS NULL ELSE price IS NULL OR stop_price IS NULL END
 ORDER BY created_at, order_id
 LIMIT 200;
