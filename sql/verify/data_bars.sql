-- Bars that cannot be: a price that is not positive or not a number, a high below or a low above the others. The bars
-- are not read where the constraints that forbid these are in force. Rights: SELECT on data_ingestion.market_data.
SELECT symbol, timestamp, open, high, low, close, volume
FROM data_ingestion.market_data
WHERE (SELECT count(*) FROM pg_constraint WHERE conrelid = 'data_ingestion.market_data'::regclass AND convalidated
        AND conname IN ('positive_prices', 'valid_ohlc', 'finite_prices', 'non_negative_volume')) < 4
    AND (LEAST(open, high, low, close) <= 0 OR 'NaN' = ANY (ARRAY[open, high, low, close])
        OR high < GREATEST(open, close) OR low > LEAST(open, close) OR volume < 0)
ORDER BY timestamp, symbol
LIMIT 20;
