-- Every order’s life ends with its status.
-- order: 55
-- severity: warn
-- every: 15 minutes
-- why: A change of an order was not recorded, or the order was changed by hand: what became of it cannot be told.
-- remedy: Look at the order in Orders (⏎ shows its life), compare with the broker, then set the status. A service that does not
--   record what it does has to write execution.execution_logs in the transaction that changes the order.
-- rights: SELECT on execution.execution_logs and orders
--
-- Orders whose last recorded status is another than their own, and orders of which a step is missing between two others. Nothing
-- is said of an order that has no record at all. $1: of orders with steps written since.
WITH looked_at AS MATERIALIZED (
    SELECT DISTINCT order_id FROM execution.execution_logs
    WHERE $1::interval IS NULL OR created_at >= now() - $1::interval
), lives AS (
    SELECT l.order_id, count(*) AS steps, min(e.step) AS first_step, max(e.step) AS last_step,
        (array_agg(e.status ORDER BY e.step DESC))[1] AS recorded
    FROM looked_at AS l JOIN execution.execution_logs AS e USING (order_id)
    GROUP BY l.order_id
), found AS MATERIALIZED (
    SELECT o.id, l.recorded, l.last_step - l.first_step + 1 - l.steps AS missing
    FROM lives AS l JOIN execution.orders AS o USING (order_id)
    WHERE l.recorded <> o.status OR l.last_step - l.first_step + 1 <> l.steps
)
SELECT o.order_id, o.account_id, o.symbol, o.status, f.recorded, f.missing AS missing_steps, o.updated_at
FROM (SELECT * FROM found ORDER BY id LIMIT 501) AS f
JOIN execution.orders AS o USING (id)
ORDER BY id;
