-- Of tables that a plan reads whole: how many rows each has by the statistics, and with which columns its indexes begin.
-- $1 their names as a plan writes them. Rights: none.
SELECT t.name, c.reltuples::float8 AS rows,
       coalesce((SELECT string_agg(a.attname::text, ',')
                   FROM pg_catalog.pg_index AS i
                   JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                  WHERE i.indrelid = c.oid AND i.indisvalid), '') AS first_columns
  FROM unnest($1::text[]) AS t (name)
  JOIN pg_catalog.pg_class AS c ON c.oid = pg_catalog.to_regclass(t.name);
