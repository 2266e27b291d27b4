-- Whether pg_stat_statements can be read here: loaded by the server, created in this database, its schema and version.
-- No parameters. Rights: none; `preloaded` is NULL without pg_read_all_settings.
-- SHOW knows the settings of libraries that are not loaded as well; pg_settings lists only those of loaded ones.
SELECT EXISTS (SELECT FROM pg_catalog.pg_settings WHERE name = 'pg_stat_statements.max')    AS loaded,
       (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'shared_preload_libraries') AS preloaded,
       quote_ident(current_database())                                                      AS database,
       quote_ident(current_user)                                                            AS reader,
       (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user)                   AS reader_oid,
       e.extversion                                                                         AS version,
       n.nspname::text                                                                      AS schema,
       quote_ident(n.nspname)                                                               AS quoted_schema,
       has_schema_privilege(n.oid, 'USAGE')                                                 AS usable
  FROM (SELECT) AS one
  LEFT JOIN pg_catalog.pg_extension AS e ON e.extname = 'pg_stat_statements'
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace;
