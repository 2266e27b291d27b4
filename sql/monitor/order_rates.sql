-- For each strategy the orders, rejected orders and trades of the last minutes, and those of the time before: its usual.
-- Of the last hour, at most the last 5,000 orders and 5,000 trades. The last minutes are three, or a fifth of the time that
-- these cover, if that is less; trades and orders have spans of their own. peak_fills: the most trades in a span of that length
-- before.
-- No parameters. Rights: SELECT on execution.orders and execution.trades.
WITH orders AS MATERIALIZED (
    SELECT coalesce(strategy, '(none)') AS strategy, status = 'rejected' AS rejected, created_at AS at
      FROM execution.orders
     WHERE created_at BETWEEN now() - interval '1 hour' AND now() + interval '5 s'
     ORDER BY created_at DESC
     LIMIT 5000
), trades AS MATERIALIZED (
    SELECT coalesce(strategy, '(none)') AS strategy, executed_at AS at
      FROM execution.trades
     WHERE executed_at BETWEEN now() - interval '1 hour' AND now() + interval '5 s'
     ORDER BY executed_at DESC
     LIMIT 5000
), spans AS MATERIALIZED (
    SELECT of_orders, least(180, of_orders / 5) AS last_orders, of_trades, least(180, of_trades / 5) AS last_trades
      FROM (SELECT greatest(extract(epoch FROM now() - (SELECT min(at) FROM orders)), 1)::float8 AS of_orders,
                   greatest(extract(epoch FROM now() - (SELECT min(at) FROM trades)), 1)::float8 AS of_trades) AS s
), by_orders AS (
    SELECT strategy,
           count(*) FILTER (WHERE at >= now() - last_orders * interval '1 s')              AS orders,
           count(*) FILTER (WHERE at >= now() - last_orders * interval '1 s' AND rejected) AS rejects,
           count(*)                                                                        AS all_orders,
           count(*) FILTER (WHERE rejected)                                                AS all_rejects
      FROM orders, spans
     GROUP BY strategy
), buckets AS (
    SELECT strategy, greatest(floor(extract(epoch FROM now() - at)::float8 / last_trades), 0) AS bucket, count(*) AS n
      FROM trades, spans
     GROUP BY 1, 2
), by_trades AS (
    SELECT strategy, sum(n) FILTER (WHERE bucket = 0) AS fills, sum(n) AS all_fills, max(n) FILTER (WHERE bucket > 0) AS peak
      FROM buckets
     GROUP BY strategy
)
SELECT strategy, last_orders AS order_seconds, of_orders - last_orders AS usual_order_seconds,
       last_trades AS fill_seconds, of_trades - last_trades AS usual_fill_seconds,
       coalesce(orders, 0)::integer AS orders, coalesce(rejects, 0)::integer AS rejects,
       coalesce(all_orders - orders, 0)::integer AS usual_orders, coalesce(all_rejects - rejects, 0)::integer AS usual_rejects,
       coalesce(fills, 0)::integer AS fills, (coalesce(all_fills, 0) - coalesce(fills, 0))::integer AS usual_fills,
       coalesce(peak, 0)::integer AS peak_fills
  FROM by_orders
  FULL JOIN by_trades USING (strategy)
 CROSS JOIN spans
 ORDER BY strategy
 LIMIT 200;
