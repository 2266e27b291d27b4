-- Orders whose status does not fit their fills: filled, but not wholly; partially filled, but not at all or wholly;
-- pending or rejected, but with fills. Rights: SELECT on execution.trades and orders.
SELECT o.order_id, o.account_id, o.symbol, o.status, o.quantity AS ordered, COALESCE(f.filled, 0) AS filled
FROM execution.orders AS o
LEFT JOIN (SELECT order_id, sum(quantity) AS filled FROM execution.trades GROUP BY order_id) AS f USING (order_id)
WHERE CASE o.status
    WHEN 'filled' THEN COALESCE(f.filled, 0) < o.quantity
    WHEN 'partially_filled' THEN COALESCE(f.filled, 0) = 0 OR f.filled >= o.quantity
    WHEN 'pending' THEN f.filled > 0
    WHEN 'rejected' THEN f.filled > 0
    ELSE false END
ORDER BY o.id
LIMIT 20;
