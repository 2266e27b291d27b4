-- Committed transactions survive a crash.
-- order: 110
-- severity: warn
-- every: 15 minutes
-- why: A crash can lose or damage data with these settings.
-- remedy: Run: ALTER SYSTEM SET … = on; SELECT pg_reload_conf();
-- rights: none
SELECT name AS object, setting, CASE name WHEN 'synchronous_commit' THEN 'the last transactions may be lost in a crash'
    ELSE 'a crash may damage the data' END AS problem
FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'
ORDER BY object;
