-- Applies the migrations (sql/migrations) that the database lacks, oldest first: psql reads it from 02_create_core_tables.sql,
-- in that script's transaction. psql has no loop, so this file includes itself while a migration is missing. `tradetop setup`,
-- which needs no psql, skips it: it has applied the same files by then.
SELECT count(*) > 0 AS migration_lacking, min(version) AS migration_version, min(name) AS migration_name
FROM (SELECT version, name FROM pg_temp.lacking() ORDER BY version LIMIT 1) AS next \gset
\if :migration_lacking
\ir ../migrations/:migration_name.sql
INSERT INTO shared.schema_migrations (version, name, checksum)
SELECT version, name, checksum FROM pg_temp.migrations() WHERE version = :migration_version;
SELECT 'migration' AS what, :'migration_name' AS object, 'applied' AS result;
\ir migrate.sql
\endif
