-- No page was found damaged.
-- order: 120
-- severity: fail
-- every: 15 minutes
-- why: The disk or the memory damages data.
-- remedy: Move to other hardware, and restore the damaged tables from a backup.
-- rights: none
--
-- Always passes where data checksums are off.
SELECT COALESCE(datname, 'shared objects') AS object, checksum_failures, checksum_last_failure AS last
FROM pg_stat_database
WHERE checksum_failures > 0
ORDER BY checksum_failures DESC
LIMIT 501;
