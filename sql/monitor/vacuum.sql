-- VACUUMs under way in this database, manual or automatic, the longest first. PostgreSQL 14–16.
-- No parameters. Rights: pg_read_all_stats; without it `phase` is NULL.
SELECT p.pid, coalesce(n.nspname || '.' || c.relname, p.relid::text) AS relation, p.phase,
       p.heap_blks_total::float8 AS heap_blocks, p.heap_blks_scanned::float8 AS scanned_blocks,
       NULL::float8 AS indexes, NULL::float8 AS indexes_done,
       CASE a.backend_type WHEN 'client backend' THEN a.application_name ELSE a.backend_type END AS application,
       greatest(0, extract(epoch FROM now() - a.query_start))::float8 AS seconds,
       quote_ident(current_user) AS reader
  FROM pg_catalog.pg_stat_progress_vacuum AS p
  LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = p.pid
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid = p.relid
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE p.datname = current_database()
 ORDER BY seconds DESC NULLS LAST, p.pid
 LIMIT 50;
