-- Tables to maintain: their size, rows and last runs, and whether this role may maintain them.
-- $1: schema, or null for all but the system's; $2: table, or null for all; $3: whether to measure sizes (takes
-- AccessShare for a moment). A partitioned table brings its partitions.
-- runs_as: '' where this role may, a role to SET first, or null where it may not. schema_usage: whether it may use the
-- table's name. Rights: none.
WITH wanted AS (
    SELECT c.oid
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm')
      AND c.relpersistence <> 't'
      AND ($1::text IS NOT NULL OR (n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'))
      AND ($1::text IS NULL OR n.nspname = $1)
      AND ($2::text IS NULL OR c.relname = $2)
    UNION
    SELECT t.relid
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL pg_partition_tree(c.oid) AS t
    WHERE $2::text IS NOT NULL AND c.relkind = 'p' AND n.nspname = $1 AND c.relname = $2
)
SELECT c.oid,
       n.nspname::text                         AS schema,
       c.relname::text                         AS name,
       c.relkind::text                         AS kind,
       (SELECT i.inhparent FROM pg_inherits AS i WHERE i.inhrelid = c.oid AND c.relispartition) AS parent,
       pg_get_userbyid(c.relowner)::text       AS owner,
       CASE
           WHEN pg_has_role(d.datdba, 'USAGE') OR pg_has_role(c.relowner, 'USAGE') THEN ''
           WHEN current_setting('server_version_num')::integer >= 170000
               AND has_table_privilege(c.oid, 'MAINTAIN') THEN ''
           WHEN pg_has_role(c.relowner, CASE WHEN current_setting('server_version_num')::integer >= 160000
               THEN 'SET' ELSE 'MEMBER' END) THEN pg_get_userbyid(c.relowner)::text
       END                                     AS runs_as,
       has_schema_privilege(n.oid, 'USAGE')    AS schema_usage,
       CASE WHEN $3 AND NOT EXISTS (
           SELECT FROM pg_locks AS l WHERE l.relation = c.oid AND l.mode = 'AccessExclusiveLock'
       ) THEN pg_total_relation_size(c.oid) END AS bytes,
       pg_stat_get_live_tuples(c.oid)          AS live_rows,
       pg_stat_get_dead_tuples(c.oid)          AS dead_rows,
       greatest(pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid))::text   AS last_vacuum,
       greatest(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid))::text AS last_analyze
FROM wanted
JOIN pg_class AS c USING (oid)
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_database AS d ON d.datname = current_database()
WHERE c.relkind IN ('r', 'm')
   OR (c.relkind = 'p' AND c.relhassubclass)
ORDER BY n.nspname, c.relkind = 'p', c.relname
LIMIT 20000;
