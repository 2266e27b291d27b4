-- The indexes of a target that REINDEX can build, with what this role may do to them.
-- $1: schema, or null for all but the system's; $2: table, or null; $3: index, or null. A partitioned table or index brings
-- those of its partitions.
-- leftover: an invalid copy that a REINDEX CONCURRENTLY left when it failed. unbuildable: it cannot be built concurrently.
-- runs_as: '' where this role may REINDEX, a role to SET first, or null where it may not; drops_as: the same for DROP INDEX;
-- lends: shared.drop_leftover_index may drop it for this role. Rights: none.
WITH wanted AS (
    SELECT i.indexrelid
    FROM pg_index AS i
    JOIN pg_class AS t ON t.oid = i.indrelid
    JOIN pg_namespace AS n ON n.oid = t.relnamespace
    WHERE $3::text IS NULL
      AND t.relkind IN ('r', 'm')
      AND t.relpersistence <> 't'
      AND ($1::text IS NOT NULL OR (n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'))
      AND ($1::text IS NULL OR $2::text IS NOT NULL OR n.nspname = $1)
      AND ($2::text IS NULL OR t.oid IN (
          SELECT x.relid
          FROM pg_class AS p
          JOIN pg_namespace AS s ON s.oid = p.relnamespace
          CROSS JOIN LATERAL (SELECT p.oid AS relid UNION SELECT relid FROM pg_partition_tree(p.oid)) AS x
          WHERE p.relkind IN ('r', 'm', 'p') AND s.nspname = $1 AND p.relname = $2))
    UNION
    SELECT x.relid
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (SELECT c.oid AS relid UNION SELECT relid FROM pg_partition_tree(c.oid)) AS x
    WHERE $3::text IS NOT NULL AND c.relkind IN ('i', 'I') AND n.nspname = $1 AND c.relname = $3
)
SELECT c.oid,
       n.nspname::text                         AS schema,
       c.relname::text                         AS name,
       i.indrelid                              AS table_oid,
       tn.nspname || '.' || t.relname          AS "table",
       i.indisvalid                            AS valid,
       NOT i.indisvalid AND c.relname ~ '_cc(new|old)\d*$' AS leftover,
       i.indisexclusion                        AS unbuildable,
       pg_get_userbyid(c.relowner)::text       AS owner,
       CASE
           WHEN pg_has_role(d.datdba, 'USAGE') OR pg_has_role(t.relowner, 'USAGE') THEN ''
           WHEN current_setting('server_version_num')::integer >= 170000
               AND has_table_privilege(t.oid, 'MAINTAIN') THEN ''
           WHEN pg_has_role(t.relowner, r.becomes) THEN pg_get_userbyid(t.relowner)::text
       END                                     AS runs_as,
       CASE
           WHEN pg_has_role(c.relowner, 'USAGE') THEN ''
           WHEN pg_has_role(c.relowner, r.becomes) THEN pg_get_userbyid(c.relowner)::text
       END                                     AS drops_as,
       coalesce(has_function_privilege(to_regprocedure('shared.drop_leftover_index(text)'), 'EXECUTE'), false)
           AND pg_get_userbyid(c.relowner) = 'tradetop_owner' AS lends,
       has_schema_privilege(n.oid, 'USAGE')    AS schema_usage,
       c.relpages * current_setting('block_size')::float8 AS bytes
FROM wanted AS w
JOIN pg_class AS c ON c.oid = w.indexrelid AND c.relkind = 'i'
JOIN pg_index AS i ON i.indexrelid = c.oid
JOIN pg_class AS t ON t.oid = i.indrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_namespace AS tn ON tn.oid = t.relnamespace
JOIN pg_database AS d ON d.datname = current_database()
CROSS JOIN (SELECT CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END AS becomes) AS r
ORDER BY tn.nspname, t.relname, c.relname
LIMIT 20000;
