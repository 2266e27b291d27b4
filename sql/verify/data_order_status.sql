-- Every order’s status fits its fills.
-- order: 50
-- severity: warn
-- why: A fill or a change of status was lost.
-- remedy: Compare with the broker, then set the status or enter the trade.
-- rights: SELECT on execution.trades and orders
--
-- Filled, but not completely; partially filled, but not at all or completely; pending or rejected, but with fills.
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
