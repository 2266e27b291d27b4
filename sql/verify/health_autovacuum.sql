-- Autovacuum that is off, for the server or for one of its tables, or that has no statistics to go by. Rights: none.
SELECT 'server' AS object, name || ' is off' AS problem
FROM pg_settings
WHERE name IN ('autovacuum', 'track_counts') AND setting = 'off'
UNION ALL
SELECT oid::regclass::text, 'autovacuum is off for this table'
FROM pg_class
WHERE relkind IN ('r', 'm') AND EXISTS (SELECT FROM pg_options_to_table(reloptions)
    WHERE option_name = 'autovacuum_enabled' AND option_value IN ('off', 'false', 'no', '0'))
ORDER BY object, problem
LIMIT 20;
