-- No price jumps from one bar to the next.
-- By more than a fifth of the close before, within an hour: a wrong decimal point, another currency, a split that was not adjusted.
-- $1: of bars since. Rights: SELECT on data_ingestion.market_data.
WITH bars AS MATERIALIZED (
    SELECT symbol, timestamp AS at, close, lag(close) OVER w AS close_before, lag(timestamp) OVER w AS before
      FROM data_ingestion.market_data
     WHERE timestamp >= $1::timestamptz AND close > 0 AND close <> 'NaN'
    WINDOW w AS (PARTITION BY symbol ORDER BY timestamp)
)
SELECT symbol || ' ' || (at AT TIME ZONE 'UTC') AS row_key, symbol, at AS row_at,
       CASE WHEN close > 2 * close_before OR close < close_before / 2 THEN 'error' ELSE 'warning' END AS severity,
       'within 20 % of ' || close_before AS expected, close::text AS actual, 'The close jumped from one bar to the next.' AS message
  FROM bars
 WHERE abs(close - close_before) > close_before / 5 AND at - before <= interval '1 hour'
 ORDER BY at, symbol
 LIMIT 200;
