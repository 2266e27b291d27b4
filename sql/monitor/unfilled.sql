-- Orders of the last quarter of an hour that are filled, at least in part, and have no trade, at most 100 of the newest
-- 10,000. No parameters. Rights: SELECT on execution.orders and execution.trades.
WITH recent AS MATERIALIZED (
    SELECT order_id, symbol, status, updated_at
      FROM execution.orders
     WHERE created_at > now() - interval '15 minutes'
     ORDER BY created_at DESC
     LIMIT 10000
)
SELECT o.order_id, o.symbol, o.updated_at,
       greatest(0, extract(epoch FROM now()) - extract(epoch FROM o.updated_at))::float8 AS seconds
  FROM recent AS o
 WHERE o.status IN ('filled', 'partially_filled')
   AND o.updated_at < now() - interval '5 seconds'
   AND NOT EXISTS (SELECT FROM execution.trades AS t WHERE t.order_id = o.order_id)
 ORDER BY o.updated_at
 LIMIT 100;
