-- Whether pg_stat_statements can be read here: loaded by the server, created in this database, where, which version.
-- No parameters. Rights: none; `preloaded` is NULL without pg_read_all_settings.
SELECT current_setting('pg_stat_statements.max', true) IS NOT NULL                       AS loaded,
       (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'shared_preload_libraries') AS preloaded,
       quote_ident(current_database())                                                    AS database,
       quote_ident(current_user)                                                         AS reader,
       (SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'pg_stat_statements') AS version,
       (SELECT n.nspname::text
          FROM pg_catalog.pg_extension AS e
          JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
         WHERE e.extname = 'pg_stat_statements')                                         AS schema,
       (SELECT has_schema_privilege(e.extnamespace, 'USAGE')
          FROM pg_catalog.pg_extension AS e
         WHERE e.extname = 'pg_stat_statements')                                         AS usable;
