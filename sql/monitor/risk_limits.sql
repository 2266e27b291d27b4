-- The risk limits, at most 500, each with what is used of it, where rows can tell: the largest position or open order, the
-- exposure, the orders of the last minute, the day's realised loss (UTC). NULL: not known; by_day: risk_day_loss tells it.
-- A position has no strategy: a limit of positions by strategy has no used value. A position without a mark counts at cost, an
-- order without a price at its symbol's mark.
-- No parameters. Rights: SELECT on risk_management.risk_limits, execution.positions and orders, analytics.sync_marks and
-- performance_metrics.
WITH limits AS MATERIALIZED (
    SELECT * FROM risk_management.risk_limits ORDER BY enabled DESC, id LIMIT 500
), positions AS MATERIALIZED (
    SELECT account_id, symbol, quantity, coalesce(market_value, quantity * avg_price) AS value
      FROM execution.positions
     WHERE quantity > 0
), open AS MATERIALIZED (
    SELECT o.order_id, o.account_id, o.strategy, o.symbol, o.quantity * coalesce(o.price, o.stop_price, m.price) AS value
      FROM execution.orders AS o
      LEFT JOIN analytics.sync_marks AS m USING (symbol)
     WHERE o.status IN ('pending', 'submitted', 'partially_filled')
), minute AS MATERIALIZED (
    SELECT account_id, strategy, symbol, count(*) AS orders
      FROM execution.orders
     WHERE created_at > now() - interval '1 minute'
     GROUP BY account_id, strategy, symbol
), days AS MATERIALIZED (
    SELECT strategy, realized_pnl FROM analytics.performance_metrics WHERE date = (now() AT TIME ZONE 'UTC')::date
), used AS (
    SELECT l.*,
           l.limit_type = 'max_daily_loss' AND (l.account_id IS NOT NULL OR l.symbol IS NOT NULL) AS by_day,
           u.used, u.of
      FROM limits AS l
      LEFT JOIN LATERAL (
            (SELECT coalesce(max(p.value), 0) AS used, (array_agg(concat_ws(' ', p.account_id, p.symbol) ORDER BY p.value DESC))[1] AS of
               FROM positions AS p
              WHERE (l.account_id IS NULL OR p.account_id = l.account_id) AND (l.symbol IS NULL OR p.symbol = l.symbol)
             HAVING l.limit_type = 'max_position_value' AND l.strategy IS NULL)
             UNION ALL
            (SELECT coalesce(max(p.quantity), 0), (array_agg(concat_ws(' ', p.account_id, p.symbol) ORDER BY p.quantity DESC))[1]
               FROM positions AS p
              WHERE (l.account_id IS NULL OR p.account_id = l.account_id) AND (l.symbol IS NULL OR p.symbol = l.symbol)
             HAVING l.limit_type = 'max_position_quantity' AND l.strategy IS NULL)
             UNION ALL
            (SELECT coalesce(sum(p.value), 0), NULL
               FROM positions AS p
              WHERE (l.account_id IS NULL OR p.account_id = l.account_id) AND (l.symbol IS NULL OR p.symbol = l.symbol)
             HAVING l.limit_type = 'max_exposure' AND l.strategy IS NULL)
             UNION ALL
            (SELECT coalesce(max(o.value), 0), (array_agg(o.order_id ORDER BY o.value DESC NULLS LAST))[1]
               FROM open AS o
              WHERE (l.account_id IS NULL OR o.account_id = l.account_id) AND (l.symbol IS NULL OR o.symbol = l.symbol)
                AND (l.strategy IS NULL OR o.strategy = l.strategy)
             HAVING l.limit_type = 'max_order_value')
             UNION ALL
            (SELECT coalesce(sum(m.orders), 0), NULL
               FROM minute AS m
              WHERE (l.account_id IS NULL OR m.account_id = l.account_id) AND (l.symbol IS NULL OR m.symbol = l.symbol)
                AND (l.strategy IS NULL OR m.strategy = l.strategy)
             HAVING l.limit_type = 'max_orders_per_minute')
             UNION ALL
            (SELECT greatest(-coalesce(sum(d.realized_pnl), 0), 0), NULL
               FROM days AS d
              WHERE l.strategy IS NULL OR d.strategy = l.strategy
             HAVING l.limit_type = 'max_daily_loss' AND l.account_id IS NULL AND l.symbol IS NULL)) AS u ON l.enabled
)
SELECT id::text, limit_type, account_id, strategy, symbol, limit_value, warn_fraction::float8 AS warn_fraction, enabled,
       updated_by, updated_at, by_day, used, (100 * used / limit_value)::float8 AS percent, limit_value - used AS headroom, of
  FROM used
 ORDER BY percent DESC NULLS LAST, enabled DESC, limit_type, account_id, strategy, symbol, used.id;
