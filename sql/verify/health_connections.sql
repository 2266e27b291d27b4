-- There are connections to spare.
-- order: 100
-- severity: warn
-- every: minute
-- why: The next service to start may be refused.
-- remedy: Close idle sessions, make pools smaller, or raise max_connections.
-- rights: none
--
-- More than four fifths of the connections that are not reserved are taken.
SELECT 'server' AS object, used, allowed
FROM (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS sessions (used),
    (SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int)
        AS limits (allowed)
WHERE used > 0.8 * allowed
ORDER BY object;
