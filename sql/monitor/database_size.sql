-- How large the database that we are in is on disk, in bytes. It looks at every file: ask rarely.
-- No parameters. Rights: CONNECT, which we have.
SELECT pg_database_size(current_database())::float8 AS bytes;
