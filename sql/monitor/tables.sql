-- Tables of this database: size, rows, maintenance, changes, scans, and how near their oldest rows are to a forced VACUUM.
-- A partitioned table has the sums of its partitions, and of their times the oldest. The 500 largest by the catalogue's
-- page count, the 200 with most dead rows and the 50 with the oldest rows.
-- $1 oids, $2 what had changed of them when they were measured, $3 their sizes in bytes: where nothing has changed since, the size is
-- not measured again. Rights: none. A size is NULL where another session holds or awaits an exclusive lock on the table, its
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
), every AS MATERIALIZED (
    SELECT oid, relkind = 'p' AS parent, relpages, relfrozenxid, pg_stat_get_dead_tuples(oid) AS dead
      FROM pg_catalog.pg_class
     WHERE relkind IN ('r', 'p') AND relpersistence <> 't'
       AND relnamespace NOT IN (SELECT n.oid FROM pg_catalog.pg_namespace AS n
                                 WHERE n.nspname LIKE 'pg\_%' OR n.nspname = 'information_schema')
), picked AS (
    (SELECT oid FROM every ORDER BY parent DESC, relpages DESC, oid LIMIT 500)
     UNION
    (SELECT oid FROM every WHERE dead > 0 ORDER BY dead DESC LIMIT 200)
     UNION
    (SELECT oid FROM every WHERE NOT parent ORDER BY age(relfrozenxid) DESC, oid LIMIT 50)
), states AS MATERIALIZED (
    SELECT c.*, i.scans AS index_scans,
           CASE WHEN c.relkind = 'r' THEN
                concat_ws(' ', c.relfilenode, c.relpages, i.files, i.pages, pg_stat_get_tuples_inserted(c.oid),
                          pg_stat_get_tuples_updated(c.oid), pg_stat_get_tuples_deleted(c.oid)) END AS changes
      FROM pg_catalog.pg_class AS c
     CROSS JOIN LATERAL (SELECT sum(x.relfilenode::bigint) AS files, sum(x.relpages) AS pages,
                                sum(pg_stat_get_numscans(x.oid)) AS scans
                           FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
                          WHERE i.indrelid = c.oid) AS i
     WHERE c.oid = ANY (ARRAY(SELECT oid FROM picked))
), relations AS MATERIALIZED (
    SELECT a.oid, a.changes, a.relnamespace, a.relname, a.relkind, a.relispartition, a.reloptions,
           CASE WHEN a.changes = k.changes THEN k.bytes
                WHEN a.relkind = 'r' AND a.oid NOT IN (SELECT oid FROM held)
                 AND a.reltoastrelid NOT IN (SELECT oid FROM held) THEN pg_total_relation_size(a.oid) END AS bytes,
           pg_stat_get_live_tuples(a.oid) AS live, pg_stat_get_dead_tuples(a.oid) AS dead,
           greatest(pg_stat_get_last_vacuum_time(a.oid), pg_stat_get_last_autovacuum_time(a.oid)) AS vacuumed,
           greatest(pg_stat_get_last_analyze_time(a.oid), pg_stat_get_last_autoanalyze_time(a.oid)) AS analyzed,
           pg_stat_get_last_autovacuum_time(a.oid) AS autovacuumed,
           pg_stat_get_last_autoanalyze_time(a.oid) AS autoanalyzed,
           pg_stat_get_mod_since_analyze(a.oid) AS changed, pg_stat_get_numscans(a.oid) AS seq_scans,
           pg_stat_get_tuples_updated(a.oid) AS updated, pg_stat_get_tuples_hot_updated(a.oid) AS hot,
           a.index_scans,
           CASE WHEN a.relkind = 'r' THEN greatest(
                age(a.relfrozenxid) / current_setting('autovacuum_freeze_max_age')::float8,
                mxid_age(a.relminmxid) / current_setting('autovacuum_multixact_freeze_max_age')::float8) * 100
           END AS freeze
      FROM states AS a
      LEFT JOIN unnest($1::oid[], $2::text[], $3::float8[]) AS k (oid, changes, bytes) ON k.oid = a.oid
), leaves AS (
    SELECT r.oid AS root, r.oid FROM relations AS r
     UNION ALL
    SELECT l.root, i.inhrelid FROM leaves AS l JOIN pg_catalog.pg_inherits AS i ON i.inhparent = l.oid
                               JOIN relations AS p ON p.oid = l.oid AND p.relkind = 'p'
), sums AS (
    SELECT l.root, CASE WHEN bool_and(r.bytes IS NOT NULL) THEN sum(r.bytes) END AS bytes, sum(r.live) AS live,
           sum(r.dead) AS dead, min(r.vacuumed) AS vacuumed, min(r.analyzed) AS analyzed,
           bool_and(r.vacuumed = r.autovacuumed) AS vacuumed_auto,
           bool_and(r.analyzed = r.autoanalyzed) AS analyzed_auto,
           sum(r.changed) AS changed, sum(r.seq_scans) AS seq_scans, sum(r.index_scans) AS index_scans,
           sum(r.updated) AS updated, sum(r.hot) AS hot, max(r.freeze) AS freeze
      FROM leaves AS l
      JOIN relations AS r ON r.oid = l.oid AND r.relkind = 'r'
     GROUP BY l.root
)
SELECT r.oid::text AS oid, r.changes, n.nspname::text AS schema, r.relname::text AS name,
       CASE WHEN r.relkind = 'p' THEN 'partitioned' WHEN r.relispartition THEN 'partition' ELSE 'table' END AS kind,
       CASE WHEN s.root IS NULL THEN 0 ELSE s.bytes END::float8 AS size_bytes,
       coalesce(s.live, 0)::float8 AS live_rows, coalesce(s.dead, 0)::float8 AS dead_rows,
       s.vacuumed AS last_vacuum, s.vacuumed_auto, s.analyzed AS last_analyze, s.analyzed_auto,
       s.changed::float8 AS changed_rows, s.seq_scans::float8, s.index_scans::float8,
       s.updated::float8 AS updated_rows, s.hot::float8 AS hot_rows, s.freeze AS freeze_percent,
       coalesce(array_to_string(r.reloptions, ' ') ~ 'autovacuum_enabled=(off|false|no|0)', false) AS autovacuum_off
  FROM relations AS r
  JOIN pg_catalog.pg_namespace AS n ON n.oid = r.relnamespace
  LEFT JOIN sums AS s ON s.root = r.oid
 ORDER BY n.nspname, r.relname;
