-- The size of this database at its tables' last VACUUM or ANALYZE, in bytes: from the catalogue alone, for a database
-- with too many files to look at.
-- No parameters. Rights: none.
SELECT coalesce(sum(relpages), 0)::float8 * current_setting('block_size')::float8 AS bytes
  FROM pg_catalog.pg_class
 WHERE relkind IN ('r', 'i', 't', 'm');
