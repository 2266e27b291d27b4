-- VACUUMs under way in this database, manual or automatic.
-- No parameters. Rights: pg_read_all_stats; without it `phase` is NULL.
SELECT coalesce(n.nspname || '.' || c.relname, p.relid::text) AS relation, p.phase,
       p.heap_blks_total::float8 AS heap_blocks, p.heap_blks_scanned::float8 AS scanned_blocks,
       quote_ident(current_user) AS reader
  FROM pg_catalog.pg_stat_progress_vacuum AS p
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid = p.relid
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE p.datname = current_database()
 ORDER BY p.pid
 LIMIT 50;
