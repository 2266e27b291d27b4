-- The size of this database on disk, in bytes. PostgreSQL looks at every file: run it rarely.
-- No parameters. Rights: CONNECT, which we have.
SELECT pg_database_size(current_database())::float8 AS bytes;
