-- Turnover and number of trades by strategy over the last five minutes: the analytics service's quick query. No parameters.
-- Rights: SELECT on execution.trades.
SELECT strategy, count(*) AS trades, sum(quantity * price) AS turnover
  FROM execution.trades
 WHERE executed_at > now() - interval '5 minutes'
 GROUP BY strategy
 ORDER BY strategy
 LIMIT 100;
