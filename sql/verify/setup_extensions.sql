-- Extensions that are missing, older than the server has them, or not loaded. Rights: none; whether pg_stat_statements
-- is loaded is seen by pg_read_all_settings only, and not told without it.
SELECT name AS object, CASE WHEN available.default_version IS NULL THEN 'is not on the server'
    WHEN extversion IS NULL THEN 'is not installed in this database'
    WHEN extversion <> default_version THEN format('is version %s, the server has %s', extversion, default_version)
    ELSE 'is not loaded when the server starts (shared_preload_libraries)' END AS problem
FROM unnest('{pgcrypto,pg_stat_statements}'::text[]) AS name
LEFT JOIN pg_available_extensions AS available USING (name)
LEFT JOIN pg_extension ON extname = name
WHERE extversion IS NULL OR extversion <> default_version
    OR name = 'pg_stat_statements' AND pg_has_role('pg_read_all_settings', 'USAGE')
        AND current_setting('shared_preload_libraries', true) NOT LIKE '%pg_stat_statements%'
ORDER BY object;
