-- The day's realised loss (UTC) against each limit of daily loss that has an account or a symbol, summed over the ledger. A
-- day of more than 200,000 trades is not summed: used is NULL.
-- No parameters. Rights: SELECT on risk_management.risk_limits, analytics.performance_metrics and sync_ledger.
WITH limits AS MATERIALIZED (
    SELECT id, account_id, strategy, symbol, limit_value
      FROM risk_management.risk_limits
     WHERE limit_type = 'max_daily_loss' AND enabled AND (account_id IS NOT NULL OR symbol IS NOT NULL)
     LIMIT 500
), strategies AS MATERIALIZED (
    SELECT strategy, date, total_trades
      FROM analytics.performance_metrics
     WHERE date = (now() AT TIME ZONE 'UTC')::date
), few AS MATERIALIZED (
    SELECT coalesce(sum(total_trades), 0) <= 200000 AS enough FROM strategies
), day AS MATERIALIZED (
    SELECT e.account_id, e.strategy, e.symbol, sum(e.realized_pnl) AS pnl
      FROM strategies AS s
      JOIN analytics.sync_ledger AS e ON e.strategy = s.strategy AND e.trade_date = s.date
     WHERE (SELECT enough FROM few)
     GROUP BY e.account_id, e.strategy, e.symbol
)
SELECT l.id::text, u.used, (100 * u.used / l.limit_value)::float8 AS percent, l.limit_value - u.used AS headroom
  FROM limits AS l
 CROSS JOIN LATERAL (SELECT CASE WHEN (SELECT enough FROM few) THEN greatest(-coalesce(sum(d.pnl), 0), 0) END AS used
                       FROM day AS d
                      WHERE (l.account_id IS NULL OR d.account_id = l.account_id)
                        AND (l.strategy IS NULL OR d.strategy = l.strategy)
                        AND (l.symbol IS NULL OR d.symbol = l.symbol)) AS u
 ORDER BY l.id;
