-- Months whose bars lie in the default partition of market_data, for want of a partition. Rights: SELECT on it.
SELECT to_char(timestamp AT TIME ZONE 'UTC', 'YYYY-MM') AS month, count(*) AS rows, min(timestamp) AS first,
    max(timestamp) AS last
FROM data_ingestion.market_data_default
GROUP BY month
ORDER BY month
LIMIT 20;
