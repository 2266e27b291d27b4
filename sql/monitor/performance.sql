-- Each strategy's days of the last two weeks, as the synchroniser sums them up, beside the strategy's status; at most 500. The
-- days are UTC's. No parameters. Rights: SELECT on analytics.performance_metrics and strategy_engine.strategies.
SELECT m.strategy, m.date::text AS day, m.date = (now() AT TIME ZONE 'UTC')::date AS today, s.status,
       m.total_trades::float8 AS trades, m.win_count::float8 AS decided, m.win_rate::float8 AS win_rate, m.total_value, m.realized_pnl,
       m.last_updated
  FROM analytics.performance_metrics AS m
  LEFT JOIN strategy_engine.strategies AS s ON s.name = m.strategy
 WHERE m.date > (now() AT TIME ZONE 'UTC')::date - 14
 ORDER BY m.date DESC, m.realized_pnl DESC, m.strategy
 LIMIT 500;
