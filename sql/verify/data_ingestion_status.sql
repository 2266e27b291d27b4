-- Every source’s last bar is in the table.
-- order: 95
-- severity: warn
-- every: 15 minutes
-- why: The ingestion says that it brought a bar, and nobody can read it: it was lost, or written elsewhere.
-- remedy: Look at the ingestion service and its log; load the missing bars again from their source.
-- rights: SELECT on data_ingestion.ingestion_status and market_data
--
-- Of the last week alone: older months may be detached.
SELECT s.source, s.symbol, s.last_bar_at, s.state, (
    SELECT max(m.timestamp) FROM data_ingestion.market_data AS m
    WHERE m.symbol = s.symbol AND m.timestamp BETWEEN now() - interval '8 days' AND now() + interval '1 day') AS last_in_table
FROM data_ingestion.ingestion_status AS s
WHERE s.last_bar_at >= now() - interval '7 days' AND NOT EXISTS (
    SELECT FROM data_ingestion.market_data AS m WHERE m.symbol = s.symbol AND m.timestamp = s.last_bar_at)
ORDER BY s.source, s.symbol
LIMIT 501;
