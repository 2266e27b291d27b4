-- The server: whether tradetop supports its version, whether it takes writes, and its connections. Rights: none.
WITH server AS (
    SELECT current_setting('server_version_num')::integer / 10000 AS major,
           current_setting('max_connections')::integer            AS most,
           (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS sessions
)
SELECT 'postgres_version' AS id,
       'every pane'       AS feature,
       CASE WHEN major < 14 THEN 'missing' WHEN major > 18 THEN 'warn' ELSE 'ok' END AS status,
       format('PostgreSQL %s%s', current_setting('server_version'),
              CASE WHEN major < 14 THEN ': tradetop needs 14 or newer'
                   WHEN major > 18 THEN ': newer than tradetop knows, so a pane may be unsupported'
                   ELSE '' END) AS text,
       CASE WHEN major < 14 THEN 'pg_upgrade to 14 or newer' END AS remedy
FROM server
UNION ALL
SELECT 'primary', 'maintenance', CASE WHEN pg_is_in_recovery() THEN 'warn' ELSE 'ok' END,
       CASE WHEN pg_is_in_recovery() THEN 'a standby: panes work, maintenance does not' ELSE 'a primary' END,
       CASE WHEN pg_is_in_recovery() THEN 'connect to the primary for maintain, setup and sync' END
UNION ALL
SELECT 'connections', 'every pane', CASE WHEN sessions > 0.9 * most THEN 'warn' ELSE 'ok' END,
       format('%s of %s connections in use', sessions, most),
       CASE WHEN sessions > 0.9 * most
           THEN format('ALTER SYSTEM SET max_connections = %s; then restart PostgreSQL', most * 2) END
FROM server;
