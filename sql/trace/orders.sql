-- Orders by their ids. Parameters: $1 order ids, an array. Rights: SELECT on execution.orders.
SELECT order_id, account_id, symbol, side::text, quantity::text, status::text, strategy, created_at, updated_at
  FROM execution.orders
 WHERE order_id = ANY ($1::text[])
 ORDER BY created_at, order_id;
