-- Whether pg_stat_statements can be read in this database.
-- Rights: none; pg_read_all_settings to see the list of preloaded libraries.
WITH state AS (
    SELECT EXISTS (SELECT FROM pg_settings WHERE name = 'pg_stat_statements.max')    AS loaded,
           (SELECT setting FROM pg_settings WHERE name = 'shared_preload_libraries') AS libraries,
           (SELECT default_version FROM pg_available_extensions WHERE name = 'pg_stat_statements') AS offered,
           (SELECT extversion FROM pg_extension WHERE extname = 'pg_stat_statements') AS created,
           current_setting('pg_stat_statements.track', true)                         AS track,
           current_setting('compute_query_id', true)                                 AS query_id
)
SELECT 'statements_library' AS id,
       'slow queries'       AS feature,
       CASE WHEN loaded THEN 'ok' ELSE 'missing' END AS status,
       CASE WHEN loaded THEN 'pg_stat_statements is loaded'
            WHEN offered IS NULL THEN 'pg_stat_statements is not installed on the server'
            ELSE 'pg_stat_statements is not loaded' END AS text,
       CASE WHEN loaded THEN NULL
            ELSE CASE WHEN offered IS NULL THEN 'install PostgreSQL''s contrib package; ' ELSE '' END
                || format('ALTER SYSTEM SET shared_preload_libraries = %s; then restart PostgreSQL',
                          concat_ws(', ', nullif(libraries, ''), 'pg_stat_statements')) END AS remedy
FROM state
UNION ALL
SELECT 'statements_extension', 'slow queries',
       CASE WHEN created IS NULL THEN 'missing' WHEN created <> offered THEN 'warn' ELSE 'ok' END,
       CASE WHEN created IS NULL THEN format('extension pg_stat_statements is not in database %I', current_database())
            WHEN created <> offered
                THEN format('extension pg_stat_statements is %s, the server offers %s', created, offered)
            ELSE format('extension pg_stat_statements %s', created) END,
       CASE WHEN created IS NULL THEN 'CREATE EXTENSION pg_stat_statements;'
            WHEN created <> offered THEN 'ALTER EXTENSION pg_stat_statements UPDATE;' END
FROM state
UNION ALL
SELECT 'statements_track', 'slow queries', 'missing',
       format('no statement is counted: pg_stat_statements.track is %s, compute_query_id is %s', track, query_id),
       'ALTER SYSTEM SET pg_stat_statements.track = ''top''; ALTER SYSTEM SET compute_query_id = ''auto''; '
           || 'SELECT pg_reload_conf();'
FROM state
WHERE loaded AND (track = 'none' OR query_id = 'off');
