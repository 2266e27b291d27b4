-- No price of a bar is above its high or below its low.
-- What the constraints of the table forbid where they are in force. $1: of bars since.
-- Rights: SELECT on data_ingestion.market_data.
SELECT symbol || ' ' || (timestamp AT TIME ZONE 'UTC') AS row_key, symbol, timestamp AS row_at, 'error' AS severity,
       'low ≤ open, close ≤ high' AS expected, format('open %s, high %s, low %s, close %s', open, high, low, close) AS actual,
       'The bar contradicts itself.' AS message
  FROM data_ingestion.market_data
 WHERE timestamp >= $1::timestamptz AND (high < greatest(open, close) OR low > least(open, close))
   AND 'NaN' <> ALL (ARRAY[open, high, low, close])
 ORDER BY timestamp, symbol
 LIMIT 200;
