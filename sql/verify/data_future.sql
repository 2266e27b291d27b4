-- Trades and bars from the future: a clock is wrong, or a time was read in the wrong zone. Rights: SELECT on
-- execution.trades and data_ingestion.market_data.
SELECT * FROM (
    (SELECT 'trade ' || trade_id AS object, executed_at AS at FROM execution.trades
    WHERE executed_at > now() + interval '5 minutes' ORDER BY executed_at DESC LIMIT 10)
    UNION ALL
    (SELECT 'bar of ' || symbol, timestamp FROM data_ingestion.market_data
    WHERE timestamp > now() + interval '5 minutes' ORDER BY timestamp DESC LIMIT 10)
) AS future
ORDER BY at DESC;
