-- Autovacuum is on everywhere.
-- order: 30
-- severity: warn
-- every: 15 minutes
-- why: Dead rows pile up, and the planner’s statistics grow old.
-- remedy: Run: ALTER SYSTEM SET autovacuum = on; or ALTER TABLE … RESET (autovacuum_enabled);
-- rights: none
--
-- Off for the server or for a table, or without the statistics (track_counts) that it depends on.
SELECT 'server' AS object, name || ' is off' AS problem
FROM pg_settings
WHERE name IN ('autovacuum', 'track_counts') AND setting = 'off'
UNION ALL
SELECT oid::regclass::text, 'autovacuum is off for this table'
FROM pg_class
WHERE relkind IN ('r', 'm') AND EXISTS (SELECT FROM pg_options_to_table(reloptions)
    WHERE option_name = 'autovacuum_enabled' AND option_value IN ('off', 'false', 'no', '0'))
ORDER BY object, problem
LIMIT 501;
