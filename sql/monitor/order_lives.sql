-- The steps of the lives of the open orders, the oldest 500, and of the 150 orders that were created last, of each the last 12,
-- oldest first.
-- No parameters. Rights: SELECT on execution.orders and execution_logs.
WITH open AS MATERIALIZED (
    SELECT order_id
      FROM execution.orders
     WHERE status IN ('pending', 'submitted', 'partially_filled')
     ORDER BY created_at
     LIMIT 500
), newest AS MATERIALIZED (
    SELECT order_id FROM execution.orders ORDER BY created_at DESC LIMIT 150
), listed AS (
    SELECT order_id FROM open UNION SELECT order_id FROM newest
)
SELECT l.order_id, e.status::text, e.occurred_at, e.latency_ms::float8 AS latency_ms, e.trade_id, left(e.reason, 300) AS reason
  FROM listed AS l
 CROSS JOIN LATERAL (SELECT *
                       FROM execution.execution_logs AS x
                      WHERE x.order_id = l.order_id
                      ORDER BY x.step DESC
                      LIMIT 12) AS e
 ORDER BY l.order_id, e.step;
