-- The newest close of each symbol. $1 symbols. Rights: SELECT on data_ingestion.market_data.
SELECT s.symbol, bar.close
  FROM unnest($1::text[]) AS s (symbol)
 CROSS JOIN LATERAL (SELECT close FROM data_ingestion.market_data AS m
                      WHERE m.symbol = s.symbol AND m.close IS NOT NULL
                      ORDER BY m.timestamp DESC LIMIT 1) AS bar
 ORDER BY s.symbol;
