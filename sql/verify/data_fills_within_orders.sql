-- No order is filled beyond its quantity.
-- order: 40
-- severity: fail
-- every: 15 minutes
-- why: A trade was booked twice, or the broker over-filled the order.
-- remedy: Compare the order’s trades with the broker’s. Take one that was booked twice out of the books:
--   tradetop trade bust ID --reason …
-- rights: SELECT on execution.trades, archived_trades and orders, and on analytics.book_closings
--
-- $1: of orders with trades created since. With what was archived of the fills of orders that are older than the last closing
-- of the books, as far as its months are not detached.
WITH looked_at AS MATERIALIZED (
    SELECT DISTINCT order_id FROM execution.trades
    WHERE $1::interval IS NOT NULL AND created_at >= now() - $1::interval
), fills AS (
    SELECT o.id, o.quantity AS ordered, f.filled
    FROM (SELECT order_id, sum(quantity) AS filled FROM execution.trades GROUP BY order_id) AS f
    JOIN execution.orders AS o USING (order_id)
    WHERE $1::interval IS NULL
    UNION ALL
    SELECT o.id, o.quantity, o.filled
    FROM looked_at AS l, LATERAL (
        SELECT id, quantity, (SELECT sum(t.quantity) FROM execution.trades AS t WHERE t.order_id = l.order_id) AS filled
        FROM execution.orders WHERE order_id = l.order_id LIMIT 1
    ) AS o
), whole AS (
    SELECT f.id, f.ordered, f.filled + COALESCE(a.filled, 0) AS filled
    FROM fills AS f JOIN execution.orders AS o USING (id)
    LEFT JOIN LATERAL (
        SELECT sum(a.quantity) AS filled FROM execution.archived_trades AS a WHERE a.order_id = o.order_id
    ) AS a ON o.created_at < (SELECT max(closed_before) FROM analytics.book_closings)
), found AS MATERIALIZED (
    SELECT id, filled FROM whole WHERE filled > ordered
)
SELECT o.order_id, o.account_id, o.symbol, o.quantity AS ordered, f.filled
FROM (SELECT * FROM found ORDER BY id LIMIT 501) AS f
JOIN execution.orders AS o USING (id)
ORDER BY id;
