-- Databases in which pages were found damaged. Rights: none; nothing is said where data checksums are off.
SELECT COALESCE(datname, 'shared objects') AS object, checksum_failures, checksum_last_failure AS last
FROM pg_stat_database
WHERE checksum_failures > 0
ORDER BY checksum_failures DESC
LIMIT 20;
