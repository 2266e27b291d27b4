-- No order is filled beyond its quantity.
-- order: 40
-- severity: fail
-- why: A trade was booked twice, or the broker over-filled the order.
-- remedy: Compare the order’s trades with the broker’s.
-- rights: SELECT on execution.trades and orders
SELECT o.order_id, o.account_id, o.symbol, o.quantity AS ordered, f.filled
FROM (SELECT order_id, sum(quantity) AS filled FROM execution.trades GROUP BY order_id) AS f
JOIN execution.orders AS o USING (order_id)
WHERE f.filled > o.quantity
ORDER BY o.id
LIMIT 20;
