-- No time lies in the future, or before the year 2000.
-- order: 110
-- severity: warn
-- every: 15 minutes
-- why: A clock is wrong, or a time without a zone was not read as UTC.
-- remedy: Check the clocks, and the time zone in which the producer writes its times. Correct a trade with
--   tradetop trade correct ID --executed-at … --reason …
-- rights: SELECT on execution.trades, orders and positions, and on data_ingestion.market_data
--
-- Of trades, orders, positions and bars; in the future is more than five minutes ahead of the server’s clock.
WITH bounds AS (
    SELECT now() + interval '5 minutes' AS latest, timestamptz '2000-01-01 00:00+00' AS earliest
)
SELECT * FROM (
    (SELECT 'trade ' || trade_id AS object, executed_at AS at FROM execution.trades
    WHERE executed_at > (SELECT latest FROM bounds) ORDER BY executed_at DESC LIMIT 501)
    UNION ALL
    (SELECT 'trade ' || trade_id, executed_at FROM execution.trades
    WHERE executed_at < (SELECT earliest FROM bounds) ORDER BY executed_at LIMIT 501)
    UNION ALL
    (SELECT 'creation of trade ' || trade_id, created_at FROM execution.trades
    WHERE created_at > (SELECT latest FROM bounds) ORDER BY created_at DESC LIMIT 501)
    UNION ALL
    (SELECT 'order ' || order_id, created_at FROM execution.orders
    WHERE created_at > (SELECT latest FROM bounds) ORDER BY created_at DESC LIMIT 501)
    UNION ALL
    (SELECT 'order ' || order_id, created_at FROM execution.orders
    WHERE created_at < (SELECT earliest FROM bounds) ORDER BY created_at LIMIT 501)
    UNION ALL
    (SELECT format('position %s %s', account_id, symbol), at
    FROM execution.positions, unnest(ARRAY[last_updated, last_price_at]) AS u (at)
    WHERE at > (SELECT latest FROM bounds) OR at < (SELECT earliest FROM bounds) ORDER BY at DESC LIMIT 501)
    UNION ALL
    (SELECT 'bar of ' || symbol, timestamp FROM data_ingestion.market_data
    WHERE timestamp > (SELECT latest FROM bounds) ORDER BY timestamp DESC LIMIT 501)
    UNION ALL
    (SELECT 'bar of ' || symbol, timestamp FROM data_ingestion.market_data
    WHERE timestamp < timestamptz '2000-01-01 00:00+00' ORDER BY timestamp LIMIT 501)
) AS wrong
ORDER BY at DESC
LIMIT 501;
