-- Every order’s status fits its fills.
-- order: 50
-- severity: warn
-- every: 15 minutes
-- why: A fill or a change of status was lost.
-- remedy: Compare with the broker, then set the status or enter the trade.
-- rights: SELECT on execution.trades, archived_trades and orders, and on analytics.book_closings
--
-- Filled, but not completely; partially filled, but not at all or completely; pending or rejected, but with fills.
-- $1: of orders created, or with trades created, since. That an order is filled too little is not said of one that is older than
-- the last closing of the books, or has archived fills.
WITH looked_at AS MATERIALIZED (
    SELECT order_id FROM execution.orders WHERE $1::interval IS NOT NULL AND created_at >= now() - $1::interval
    UNION
    SELECT order_id FROM execution.trades WHERE $1::interval IS NOT NULL AND created_at >= now() - $1::interval
), fills AS (
    SELECT o.id, o.quantity AS ordered, o.status, f.filled
    FROM execution.orders AS o
    LEFT JOIN (SELECT order_id, sum(quantity) AS filled FROM execution.trades GROUP BY order_id) AS f USING (order_id)
    WHERE $1::interval IS NULL
    UNION ALL
    SELECT o.id, o.quantity, o.status, o.filled
    FROM looked_at AS l, LATERAL (
        SELECT id, quantity, status,
            (SELECT sum(t.quantity) FROM execution.trades AS t WHERE t.order_id = l.order_id) AS filled
        FROM execution.orders WHERE order_id = l.order_id LIMIT 1
    ) AS o
), found AS MATERIALIZED (
    SELECT id, COALESCE(filled, 0) AS filled FROM fills AS f
    WHERE CASE status
        WHEN 'filled' THEN COALESCE(filled, 0) < ordered
        WHEN 'partially_filled' THEN COALESCE(filled, 0) = 0 OR filled >= ordered
        WHEN 'pending' THEN filled > 0
        WHEN 'rejected' THEN filled > 0
        ELSE false END
        AND (filled >= ordered OR status IN ('pending', 'rejected') OR NOT EXISTS (
            SELECT FROM execution.orders AS o
            WHERE o.id = f.id AND (o.created_at < (SELECT max(closed_before) FROM analytics.book_closings)
                OR EXISTS (SELECT FROM execution.archived_trades AS a WHERE a.order_id = o.order_id))))
)
SELECT o.order_id, o.account_id, o.symbol, o.status, o.quantity AS ordered, f.filled
FROM (SELECT * FROM found ORDER BY id LIMIT 501) AS f
JOIN execution.orders AS o USING (id)
ORDER BY id;
