-- No bar begins after it was written.
-- By more than a minute: a clock is wrong, or a time without a zone was not read as UTC. $1: of bars since.
-- Rights: SELECT on data_ingestion.market_data.
SELECT symbol || ' ' || (timestamp AT TIME ZONE 'UTC') AS row_key, symbol, timestamp AS row_at, 'error' AS severity,
       'not after ' || created_at AS expected, timestamp::text AS actual, 'The bar lies in the future of its writing.' AS message
  FROM data_ingestion.market_data
 WHERE timestamp >= $1::timestamptz AND timestamp > created_at + interval '1 minute'
 ORDER BY timestamp, symbol
 LIMIT 200;
