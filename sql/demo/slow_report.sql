-- Reads trades for hours; it sleeps most of the time, so that the demo's machine stays free.
-- No parameters. Rights: SELECT on execution.trades.
SELECT t.strategy, count(pg_sleep(0.02))
  FROM execution.trades AS t CROSS JOIN generate_series(1, 10000) AS n
 GROUP BY t.strategy
