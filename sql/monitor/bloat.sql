-- An estimate, from the planner's statistics, of how much of a table's pages its rows do not need: of the 200 largest of
-- more than a megabyte. Only as good as the last ANALYZE; rows that are all wider or narrower than the average deceive it.
-- No parameters. Rights: SELECT on the table, without row-level security, else it is left out.
WITH largest AS MATERIALIZED (
    SELECT oid, relnamespace, relname, relpages, reltuples,
           coalesce(substring(array_to_string(reloptions, ' ') FROM 'fillfactor=([0-9]+)')::float8, 100) / 100 AS fill
      FROM pg_catalog.pg_class
     WHERE relkind = 'r' AND relpages > 128 AND reltuples > 0 AND relpersistence <> 't'
     ORDER BY relpages DESC
     LIMIT 200
), named AS (
    SELECT l.*, n.nspname
      FROM largest AS l
      JOIN pg_catalog.pg_namespace AS n ON n.oid = l.relnamespace
     WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
), widths AS (
    SELECT l.oid, sum((1 - s.null_frac) * s.avg_width) AS width, count(s.attname) AS known,
           (SELECT count(*) FROM pg_catalog.pg_attribute AS a
             WHERE a.attrelid = l.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
      FROM named AS l
      -- One table after the other (OFFSET): joined, the statistics of all tables would be read.
     CROSS JOIN LATERAL (SELECT attname, null_frac, avg_width
                           FROM pg_catalog.pg_stats
                          WHERE schemaname = l.nspname AND tablename = l.relname AND NOT inherited
                         OFFSET 0) AS s
     GROUP BY l.oid
), pages AS (
    -- A row takes its header of 24 bytes, its columns aligned to 8, and a line pointer of 4.
    SELECT l.oid, l.nspname, l.relname, l.relpages,
           ceil(l.reltuples * (28 + 8 * ceil(w.width / 8))
                / ((current_setting('block_size')::float8 - 24) * l.fill)) AS needed
      FROM named AS l
      JOIN widths AS w ON w.oid = l.oid AND w.known = w.columns
)
SELECT nspname::text AS schema, relname::text AS name,
       (greatest(0, relpages - needed) * 100 / relpages)::float8 AS bloat_percent,
       (greatest(0, relpages - needed) * current_setting('block_size')::float8)::float8 AS bloat_bytes
  FROM pages
 ORDER BY relpages - needed DESC, oid;
