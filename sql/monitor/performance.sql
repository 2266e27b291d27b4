-- Each strategy's days of the last two weeks, as the synchroniser sums them up, beside the strategy's status and what the
-- strategy engine itself reckons of the day (null: it has no row of it); at most 500. The days are UTC's. No parameters.
-- Rights: SELECT on analytics.performance_metrics, strategy_engine.strategies and strategy_performance.
SELECT m.strategy, m.date::text AS day, m.date = (now() AT TIME ZONE 'UTC')::date AS today, s.status,
       m.total_trades::float8 AS trades, m.win_count::float8 AS decided, m.win_rate::float8 AS win_rate, m.total_value, m.realized_pnl,
       e.signals::float8 AS signals, e.total_trades::float8 AS engine_trades, e.realized_pnl AS engine_pnl, m.last_updated
  FROM analytics.performance_metrics AS m
  LEFT JOIN strategy_engine.strategies AS s ON s.name = m.strategy
  LEFT JOIN strategy_engine.strategy_performance AS e ON e.strategy = m.strategy AND e.date = m.date
 WHERE m.date > (now() AT TIME ZONE 'UTC')::date - 14
 ORDER BY m.date DESC, m.realized_pnl DESC, m.strategy
 LIMIT 500;
