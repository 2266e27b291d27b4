-- Every price is a positive number, and no volume is negative.
-- What the constraints of the table forbid where they are in force. $1: of bars since.
-- Rights: SELECT on data_ingestion.market_data.
SELECT symbol || ' ' || (timestamp AT TIME ZONE 'UTC') AS row_key, symbol, timestamp AS row_at, 'critical' AS severity,
       'prices above 0, volume from 0' AS expected,
       format('open %s, high %s, low %s, close %s, volume %s', open, high, low, close, volume) AS actual,
       'The bar has an impossible price or volume.' AS message
  FROM data_ingestion.market_data
 WHERE timestamp >= $1::timestamptz
   AND (least(open, high, low, close) <= 0 OR 'NaN' = ANY (ARRAY[open, high, low, close]) OR volume < 0)
 ORDER BY timestamp, symbol
 LIMIT 200;
