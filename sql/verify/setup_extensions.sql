-- The extensions are there.
-- order: 180
-- severity: warn
-- every: 15 minutes
-- why: Without pg_stat_statements there are no slow queries to show; without pgcrypto secrets cannot be stored.
-- remedy: Not on the server: install its contrib package. Not installed: CREATE EXTENSION …; older: ALTER EXTENSION …
--   UPDATE; not loaded: add it to shared_preload_libraries and restart.
-- rights: none; pg_read_all_settings to see whether pg_stat_statements is loaded, which is not checked without it
--
-- Extensions that are missing, older than the version that the server offers, or not loaded.
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
