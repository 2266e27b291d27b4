-- Three months of market data lie ready.
-- order: 100
-- severity: warn
-- every: 15 minutes
-- why: Bars of a month without a partition go into the default partition and must be moved later.
-- remedy: Run: tradetop maintain create-partitions
-- rights: none
--
-- Months, from this one to the third after it (UTC), that have no partition of market_data.
WITH bounds AS (
    SELECT substring(bound FROM 'FROM \(''([^'']+)''\)')::timestamptz AS from_at,
        substring(bound FROM 'TO \(''([^'']+)''\)')::timestamptz AS to_at
    FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid, LATERAL pg_get_expr(relpartbound, c.oid) AS bound
    WHERE inhparent = to_regclass('data_ingestion.market_data')
), months AS (
    SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n)) AS month
        FROM generate_series(0, 3) AS n
)
SELECT 'data_ingestion.market_data ' || to_char(month, 'YYYY-MM') AS object, 'has no partition ready' AS problem
FROM months
WHERE to_regclass('data_ingestion.market_data') IS NOT NULL
    AND NOT EXISTS (SELECT FROM bounds
        WHERE from_at <= month AT TIME ZONE 'UTC' AND to_at >= (month + interval '1 month') AT TIME ZONE 'UTC')
ORDER BY object;
