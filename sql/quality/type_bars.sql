-- Every bar has its four prices and its volume.
-- $1: of bars since. Rights: SELECT on data_ingestion.market_data.
SELECT symbol || ' ' || (timestamp AT TIME ZONE 'UTC') AS row_key, symbol, timestamp AS row_at,
       CASE WHEN close IS NULL THEN 'error' ELSE 'warning' END AS severity, 'open, high, low, close, volume' AS expected,
       concat_ws(', ', CASE WHEN open IS NULL THEN 'no open' END, CASE WHEN high IS NULL THEN 'no high' END,
                 CASE WHEN low IS NULL THEN 'no low' END, CASE WHEN close IS NULL THEN 'no close' END,
                 CASE WHEN volume IS NULL THEN 'no volume' END) AS actual,
       'The bar is not whole.' AS message
  FROM data_ingestion.market_data
 WHERE timestamp >= $1::timestamptz AND (open IS NULL OR high IS NULL OR low IS NULL OR close IS NULL OR volume IS NULL)
 ORDER BY timestamp, symbol
 LIMIT 200;
