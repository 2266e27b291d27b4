-- No trade or bar is from the future.
-- order: 110
-- severity: warn
-- why: A clock is wrong, or a time without a zone was not read as UTC.
-- remedy: Check the clocks, and the time zone in which the producer writes its times.
-- rights: SELECT on execution.trades and data_ingestion.market_data
--
-- More than five minutes ahead of the server’s clock.
SELECT * FROM (
    (SELECT 'trade ' || trade_id AS object, executed_at AS at FROM execution.trades
    WHERE executed_at > now() + interval '5 minutes' ORDER BY executed_at DESC LIMIT 10)
    UNION ALL
    (SELECT 'bar of ' || symbol, timestamp FROM data_ingestion.market_data
    WHERE timestamp > now() + interval '5 minutes' ORDER BY timestamp DESC LIMIT 10)
) AS future
ORDER BY at DESC;
