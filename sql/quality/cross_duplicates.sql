-- No bar repeats the one before it.
-- The same prices and the same volume, which is not 0: a source that delivers its last answer again.
-- $1: of bars since. Rights: SELECT on data_ingestion.market_data.
WITH bars AS MATERIALIZED (
    SELECT symbol, timestamp AS at, volume, (open, high, low, close, volume) = lag((open, high, low, close, volume)) OVER w AS same,
           high > low AS moved
      FROM data_ingestion.market_data
     WHERE timestamp >= $1::timestamptz
    WINDOW w AS (PARTITION BY symbol ORDER BY timestamp)
)
SELECT symbol || ' ' || (at AT TIME ZONE 'UTC') AS row_key, symbol, at AS row_at, 'warning' AS severity, 'a bar of its own' AS expected,
       'the bar before, volume ' || volume AS actual, 'The bar repeats the one before it.' AS message
  FROM bars
 WHERE same AND moved AND volume > 0
 ORDER BY at, symbol
 LIMIT 200;
