-- Invalid indexes that nobody is building: left by a CREATE INDEX CONCURRENTLY that failed, they cost writes and help
-- no query. Rights: none; builds by others are seen with pg_read_all_stats.
SELECT indexrelid::regclass::text AS object, indrelid::regclass::text AS "table"
FROM pg_index
WHERE NOT indisvalid
    AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index AS p WHERE p.index_relid = indexrelid
        OR p.relid = indrelid)
ORDER BY object
LIMIT 20;
