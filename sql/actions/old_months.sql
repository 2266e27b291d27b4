-- Months of a partitioned table that ended more than $3 days ago, oldest first. $1: schema, $2: table, $3: days.
-- No rows: there is no such partitioned table. One row without a partition: no month is that old.
-- `rows` is an estimate.
-- Rights: USAGE on schema shared.
SELECT p.partition::text                              AS partition,
       to_char(p.from_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month,
       pg_stat_get_live_tuples(p.partition)           AS rows,
       has_function_privilege('shared.detach_old_partitions(integer, text)', 'EXECUTE') AS may
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN LATERAL shared.partitions(c.oid) AS p ON p.to_at <= now() - make_interval(days => $3::integer)
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind = 'p'
ORDER BY p.from_at;
