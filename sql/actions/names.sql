-- Schemas, tables and indexes that can be the target of maintenance. Rights: none.
SELECT 'schema'          AS kind,
       n.nspname::text   AS schema,
       NULL::text        AS name
FROM pg_namespace AS n
WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
UNION ALL
SELECT CASE WHEN c.relkind IN ('i', 'I') THEN 'index' ELSE 'table' END, n.nspname::text, c.relname::text
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 'i', 'I')
  AND c.relpersistence <> 't'
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
ORDER BY 1, 2, 3
LIMIT 200000;
