-- The open orders, the oldest first, at most 500; then the last rejected ones, at most 50, and the last that ended in another
-- way, at most 100, both of the 1,000 that ended last by their time of creation. Each with what its trades filled. An order is
-- open while it is pending, submitted or partially filled. idle_seconds: since its last change, by the server's clock.
-- No parameters. Rights: SELECT on execution.orders and execution.trades.
WITH open AS MATERIALIZED (
    SELECT *
      FROM execution.orders
     WHERE status IN ('pending', 'submitted', 'partially_filled')
     ORDER BY created_at
     LIMIT 500
), ended AS MATERIALIZED (
    SELECT *
      FROM execution.orders
     WHERE status IN ('filled', 'cancelled', 'rejected')
     ORDER BY created_at DESC
     LIMIT 1000
), listed AS (
    SELECT 1 AS part, open.* FROM open
     UNION ALL
    (SELECT 2, ended.* FROM ended WHERE status = 'rejected' ORDER BY created_at DESC LIMIT 50)
     UNION ALL
    (SELECT 3, ended.* FROM ended WHERE status <> 'rejected' ORDER BY created_at DESC LIMIT 100)
)
SELECT l.order_id, l.account_id, l.symbol, l.side::text, l.order_type::text, l.quantity,
       coalesce((SELECT sum(t.quantity) FROM execution.trades AS t WHERE t.order_id = l.order_id), 0) AS filled,
       l.price, l.stop_price, l.time_in_force::text, l.status::text, l.strategy, l.session_id, l.created_at, l.updated_at,
       (extract(epoch FROM now()) - extract(epoch FROM l.updated_at))::float8 AS idle_seconds
  FROM listed AS l
 ORDER BY l.part, CASE WHEN l.part = 1 THEN l.created_at END, l.created_at DESC, l.order_id;
