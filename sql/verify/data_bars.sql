-- Every bar has possible prices.
-- order: 90
-- severity: fail
-- every: 15 minutes
-- why: Marks, signals and limits are computed from bars.
-- remedy: Load these bars again from their source, then enforce the constraints: tradetop setup
-- rights: SELECT on data_ingestion.market_data
--
-- A price that is not positive or not a number, a high below or a low above the other prices. The bars are not read
-- where the constraints that forbid these are in force.
SELECT symbol, timestamp, open, high, low, close, volume
FROM data_ingestion.market_data
WHERE (SELECT count(*) FROM pg_constraint WHERE conrelid = 'data_ingestion.market_data'::regclass AND convalidated
        AND conname IN ('positive_prices', 'valid_ohlc', 'finite_prices', 'non_negative_volume')) < 4
    AND (LEAST(open, high, low, close) <= 0 OR 'NaN' = ANY (ARRAY[open, high, low, close])
        OR high < GREATEST(open, close) OR low > LEAST(open, close) OR volume < 0)
ORDER BY timestamp, symbol
LIMIT 501;
