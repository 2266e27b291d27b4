-- Tables that can be chosen for maintenance: size, live and dead rows, last VACUUM, manual or automatic.
-- A partitioned table has the sums of its partitions. The 1,500 largest by the catalogue's page count.
-- No parameters. Rights: none. A size is NULL where another session holds or awaits an exclusive lock on the table, its
-- TOAST table or an index of either: reading the size would wait behind it.
WITH RECURSIVE locked AS MATERIALIZED (
    SELECT DISTINCT relation
      FROM pg_catalog.pg_locks
     WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock' AND pid <> pg_backend_pid()
       AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
), held AS MATERIALIZED (
    SELECT relation AS oid FROM locked
     UNION
    SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid IN (SELECT relation FROM locked)
), relations AS MATERIALIZED (
    SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition, c.relpages,
           CASE WHEN c.relkind = 'p' OR c.oid IN (SELECT oid FROM held) OR c.reltoastrelid IN (SELECT oid FROM held)
                THEN NULL ELSE pg_total_relation_size(c.oid) END                         AS bytes,
           pg_stat_get_live_tuples(c.oid)                                                AS live,
           pg_stat_get_dead_tuples(c.oid)                                                AS dead,
           greatest(pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid)) AS vacuumed
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
       AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
     ORDER BY c.relkind = 'p' DESC, c.relpages DESC, c.oid
     LIMIT 1500
), leaves AS (
    SELECT r.oid AS root, r.oid FROM relations AS r WHERE r.relkind = 'p'
     UNION ALL
    SELECT l.root, i.inhrelid FROM leaves AS l JOIN pg_catalog.pg_inherits AS i ON i.inhparent = l.oid
), sums AS (
    SELECT l.root,
           CASE WHEN bool_and(r.bytes IS NOT NULL) THEN sum(r.bytes) END AS bytes,
           sum(r.live) AS live, sum(r.dead) AS dead, min(r.vacuumed) AS vacuumed
      FROM leaves AS l
      JOIN relations AS r ON r.oid = l.oid AND r.relkind = 'r'
     GROUP BY l.root
)
SELECT r.nspname::text AS schema, r.relname::text AS name,
       CASE WHEN r.relkind = 'p' THEN 'partitioned' WHEN r.relispartition THEN 'partition' ELSE 'table' END AS kind,
       CASE WHEN r.relkind = 'p' AND s.root IS NULL THEN 0 ELSE coalesce(r.bytes, s.bytes) END::float8 AS size_bytes,
       CASE WHEN r.relkind = 'p' THEN coalesce(s.live, 0) ELSE r.live END::float8                      AS live_rows,
       CASE WHEN r.relkind = 'p' THEN coalesce(s.dead, 0) ELSE r.dead END::float8                      AS dead_rows,
       CASE WHEN r.relkind = 'p' THEN s.vacuumed ELSE r.vacuumed END                                   AS last_vacuum
  FROM relations AS r
  LEFT JOIN sums AS s ON s.root = r.oid
 ORDER BY r.nspname, r.relname;
