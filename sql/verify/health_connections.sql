-- Whether the server is running out of connections: over four fifths of those that are not reserved are taken.
-- Rights: none.
SELECT 'server' AS object, used, allowed
FROM (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS sessions (used),
    (SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int)
        AS limits (allowed)
WHERE used > 0.8 * allowed
ORDER BY object;
