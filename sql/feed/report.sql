-- The analytics service's report of every account's trades against the day's prices. It is as slow as on a desk that has
-- traded for years: $1 seconds of sleep stand for the rows that a simulated desk does not have.
-- Rights: SELECT on execution.trades and data_ingestion.market_data.
WITH day AS (
    SELECT symbol, avg(close) AS average, max(high) AS high, min(low) AS low
      FROM data_ingestion.market_data
     WHERE timestamp > now() - interval '1 day'
     GROUP BY symbol
), years AS MATERIALIZED (
    SELECT pg_sleep($1::float8)
)
SELECT t.account_id, t.symbol, count(*) AS trades, sum(t.quantity * (day.average - t.price)) AS against_average
  FROM years, execution.trades AS t
  JOIN day USING (symbol)
 WHERE t.executed_at > now() - interval '6 hours'
 GROUP BY t.account_id, t.symbol
 ORDER BY against_average
 LIMIT 20;
