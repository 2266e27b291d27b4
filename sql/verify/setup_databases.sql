-- Whether this database holds what it must: UTF-8 throughout, and a collation that every system orders by alike.
-- Rights: none.
SELECT datname AS object, CASE WHEN encoding <> 6 THEN format('is encoded in %s, not UTF8',
    pg_encoding_to_char(encoding))
    ELSE format('sorts by %s, which a new system library may change under its indexes', datcollate) END AS problem
FROM pg_database
WHERE datname = current_database() AND (encoding <> 6 OR (datcollate NOT IN ('C', 'POSIX', 'C.UTF-8', 'C.utf8')
    AND (to_jsonb(pg_database) ->> 'datlocprovider') IS DISTINCT FROM 'b'))
ORDER BY object;
