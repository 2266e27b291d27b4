-- The schema of pg_stat_statements in this database; no rows: there is none.
-- No parameters. Rights: none.
SELECT n.nspname::text AS schema
  FROM pg_catalog.pg_extension AS e
  JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
 WHERE e.extname = 'pg_stat_statements';
