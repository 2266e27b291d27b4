-- Tables that are partitioned by one column of time: up to when their partitions reach without a gap from now on, and
-- whether rows lie in the default partition (by the statistics, which need no right to the rows). The archives of closed books
-- are left out: nothing of the future belongs there.
-- No parameters. Rights: none.
WITH parents AS (
    SELECT p.partrelid AS oid, p.partdefid
      FROM pg_catalog.pg_partitioned_table AS p
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
     WHERE p.partstrat = 'r' AND p.partnatts = 1
       AND a.atttypid IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
), bounds AS (
    SELECT p.oid AS parent,
           CASE WHEN b.bound LIKE 'FOR VALUES FROM (MINVALUE)%' THEN '-infinity'
                ELSE substring(b.bound FROM 'FROM \(''([^'']+)''\)') END::timestamptz AS from_at,
           CASE WHEN b.bound LIKE '%TO (MAXVALUE)' THEN 'infinity'
                ELSE substring(b.bound FROM 'TO \(''([^'']+)''\)') END::timestamptz AS to_at
      FROM parents AS p
      JOIN pg_catalog.pg_inherits AS i ON i.inhparent = p.oid
      -- One partition after the other (OFFSET): joined, the catalogue of all tables would be read.
     CROSS JOIN LATERAL (SELECT pg_get_expr(c.relpartbound, c.oid)
                           FROM pg_catalog.pg_class AS c
                          WHERE c.oid = i.inhrelid
                         OFFSET 0) AS b (bound)
     WHERE b.bound <> 'DEFAULT'
), reached AS (
    -- The first end that no other partition goes on from.
    SELECT parent, min(to_at) AS until
      FROM bounds AS b
     WHERE to_at > now()
       AND NOT EXISTS (SELECT FROM bounds AS o WHERE o.parent = b.parent AND o.from_at <= b.to_at AND o.to_at > b.to_at)
     GROUP BY parent
)
SELECT n.nspname::text AS schema, c.relname::text AS name,
       (SELECT count(*) FROM bounds AS b WHERE b.parent = p.oid)::integer AS partitions,
       EXISTS (SELECT FROM bounds AS b WHERE b.parent = p.oid AND b.from_at <= now() AND b.to_at > now()) AS covered,
       r.until, extract(epoch FROM nullif(r.until, 'infinity') - now())::float8 AS ahead_seconds,
       d.relname::text AS default_partition,
       CASE WHEN d.oid IS NOT NULL THEN pg_stat_get_live_tuples(d.oid) END::float8 AS default_rows
  FROM parents AS p
  JOIN pg_catalog.pg_class AS c ON c.oid = p.oid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN reached AS r ON r.parent = p.oid
  LEFT JOIN pg_catalog.pg_class AS d ON d.oid = p.partdefid AND p.partdefid <> 0
 WHERE (n.nspname, c.relname) NOT IN (('execution', 'archived_trades'), ('analytics', 'archived_sync_ledger'))
 ORDER BY n.nspname, c.relname
 LIMIT 100;
