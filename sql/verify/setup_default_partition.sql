-- No bar lies in the default partition.
-- order: 120
-- severity: warn
-- every: 15 minutes
-- why: Every query without a time reads it, and it is locked while its rows are moved.
-- remedy: Run: tradetop maintain create-partitions, which makes these months and moves their bars. By hand, for each month:
--   SELECT shared.create_monthly_partition('market_data', 'YYYY-MM-01');
-- rights: SELECT on data_ingestion.market_data_default
--
-- Months whose bars went into the default partition of market_data because they had no partition.
SELECT to_char(timestamp AT TIME ZONE 'UTC', 'YYYY-MM') AS month, count(*) AS rows, min(timestamp) AS first,
    max(timestamp) AS last
FROM data_ingestion.market_data_default
GROUP BY month
ORDER BY month
LIMIT 501;
