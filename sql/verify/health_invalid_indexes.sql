-- No index is invalid.
-- order: 50
-- severity: warn
-- every: 15 minutes
-- why: An invalid index slows every write and serves no query.
-- remedy: tradetop maintain reindex INDEX, which also drops what a failed attempt left; or DROP INDEX …;
-- rights: none; pg_read_all_stats to see that another session is building one
--
-- Invalid indexes that nobody is building: a failed CREATE INDEX CONCURRENTLY leaves them behind.
SELECT indexrelid::regclass::text AS object, indrelid::regclass::text AS "table"
FROM pg_index
WHERE NOT indisvalid
    AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index AS p WHERE p.index_relid = indexrelid
        OR p.relid = indrelid)
ORDER BY object
LIMIT 501;
