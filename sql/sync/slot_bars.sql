-- The newest bar of some symbols, of those that are not in the future.
-- Parameters: $1 symbols, a text array. Returns symbol and the bar's time.
-- Rights: SELECT on data_ingestion.market_data.
SELECT wanted.symbol, newest::text
  FROM unnest($1::text[]) AS wanted (symbol),
       LATERAL (SELECT max(timestamp) FROM data_ingestion.market_data AS m
                 WHERE m.symbol = wanted.symbol AND close IS NOT NULL AND timestamp <= now() + interval '5 s') AS bar (newest)
