-- Months (UTC) from this one on, and whether a partitioned table has a partition for each.
-- $1: schema, $2: table, $3: how many months after this one. No rows: there is no such partitioned table.
-- default_schema and default_table name the default partition, null where there is none; key is the column that the
-- table is partitioned by. Rights: none.
WITH parent AS (
    SELECT c.oid
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind = 'p'
), bounds AS (
    SELECT c.oid,
           b.bound,
           substring(b.bound FROM 'FROM \(''([^'']+)''\)')::timestamptz AS from_at,
           substring(b.bound FROM 'TO \(''([^'']+)''\)')::timestamptz   AS to_at
    FROM parent
    JOIN pg_inherits AS i ON i.inhparent = parent.oid
    JOIN pg_class AS c ON c.oid = i.inhrelid
    CROSS JOIN LATERAL (SELECT pg_get_expr(c.relpartbound, c.oid)) AS b (bound)
)
SELECT m.month::text AS month,
       EXISTS (
           SELECT FROM bounds AS b
           WHERE b.from_at <= m.month::timestamp AT TIME ZONE 'UTC'
             AND b.to_at >= (m.month + interval '1 month') AT TIME ZONE 'UTC'
       ) AS ready,
       d.nspname::text AS default_schema,
       d.relname::text AS default_table,
       (SELECT attname::text FROM pg_partitioned_table JOIN pg_attribute ON attrelid = partrelid AND attnum = partattrs[0]
         WHERE partrelid = parent.oid) AS key,
       has_schema_privilege('shared', 'USAGE')
           AND has_function_privilege('shared.create_monthly_partition(text, date)', 'EXECUTE') AS may
FROM parent
LEFT JOIN (SELECT n.nspname, c.relname FROM bounds JOIN pg_class AS c USING (oid) JOIN pg_namespace AS n
    ON n.oid = c.relnamespace WHERE bound = 'DEFAULT') AS d ON true
CROSS JOIN generate_series(0, $3::integer) AS n
CROSS JOIN LATERAL (
    SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n))::date
) AS m (month)
ORDER BY m.month;
