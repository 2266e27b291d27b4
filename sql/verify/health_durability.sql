-- Settings by which committed transactions can be lost, or data be damaged, in a crash. Rights: none.
SELECT name AS object, setting, CASE name WHEN 'synchronous_commit' THEN 'the last transactions may be lost in a crash'
    ELSE 'a crash may damage the data' END AS problem
FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'
ORDER BY object;
