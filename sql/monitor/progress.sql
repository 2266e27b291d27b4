-- Long operations under way in this database: VACUUM, ANALYZE, CREATE INDEX, REINDEX, CLUSTER, COPY, and base backups of
-- the server. `done` of `total` is in the phase's own unit; 0 of 0 where PostgreSQL cannot tell.
-- No parameters. Rights: pg_read_all_stats; without it `phase` is NULL.
WITH work AS (
    SELECT pid, datid, relid, 'VACUUM' AS command, phase,
           CASE WHEN phase = 'vacuuming heap' THEN heap_blks_vacuumed ELSE heap_blks_scanned END AS done,
           CASE WHEN phase IN ('scanning heap', 'vacuuming heap', 'truncating heap') THEN heap_blks_total END AS total,
           heap_blks_scanned AS scanned, heap_blks_total AS heap
      FROM pg_catalog.pg_stat_progress_vacuum
     UNION ALL
    SELECT pid, datid, relid, 'ANALYZE', phase, sample_blks_scanned, sample_blks_total, NULL, NULL
      FROM pg_catalog.pg_stat_progress_analyze
     UNION ALL
    SELECT pid, datid, relid, command, phase,
           CASE WHEN tuples_total > 0 THEN tuples_done ELSE blocks_done END,
           CASE WHEN tuples_total > 0 THEN tuples_total ELSE blocks_total END, NULL, NULL
      FROM pg_catalog.pg_stat_progress_create_index
     UNION ALL
    SELECT pid, datid, relid, command, phase, heap_blks_scanned, heap_blks_total, NULL, NULL
      FROM pg_catalog.pg_stat_progress_cluster
     UNION ALL
    SELECT pid, datid, relid, command, coalesce(type, command), bytes_processed, bytes_total, NULL, NULL
      FROM pg_catalog.pg_stat_progress_copy
     UNION ALL
    SELECT pid, NULL, 0, 'BASE BACKUP', phase, backup_streamed, backup_total, NULL, NULL
      FROM pg_catalog.pg_stat_progress_basebackup
)
SELECT w.pid, coalesce(n.nspname || '.' || c.relname, nullif(w.relid, 0)::text, '') AS relation,
       coalesce(w.command, '') AS command, w.phase, coalesce(w.done, 0)::float8 AS done, coalesce(w.total, 0)::float8 AS total,
       w.scanned::float8 AS scanned_blocks, w.heap::float8 AS heap_blocks,
       greatest(0, extract(epoch FROM now() - coalesce(a.query_start, a.backend_start)))::float8 AS seconds,
       coalesce(a.backend_type = 'autovacuum worker', false) AS automatic, quote_ident(current_user) AS reader
  FROM work AS w
  LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = w.pid
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid = w.relid
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE w.datid IS NULL OR w.datid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
 ORDER BY w.pid
 LIMIT 50;
