-- The database is UTF-8 and sorts alike on every system.
-- order: 10
-- severity: warn
-- every: 15 minutes
-- why: Another encoding refuses some texts, and a sort order that a system library defines can change under the
--   indexes.
-- remedy: Create the database anew (tradetop setup gives it the right encoding and order) and restore its data into it.
-- rights: none
--
-- Encoding 6 is UTF8. The builtin collation provider (b) exists from PostgreSQL 17 on, datlocprovider from 15 on:
-- to_jsonb reads the column where there is one.
SELECT datname AS object, CASE WHEN encoding <> 6 THEN format('is encoded in %s, not UTF8',
    pg_encoding_to_char(encoding))
    ELSE format('sorts by %s, which a new system library may change under its indexes', datcollate) END AS problem
FROM pg_database
WHERE datname = current_database() AND (encoding <> 6 OR (datcollate NOT IN ('C', 'POSIX', 'C.UTF-8', 'C.utf8')
    AND (to_jsonb(pg_database) ->> 'datlocprovider') IS DISTINCT FROM 'b'))
ORDER BY object;
