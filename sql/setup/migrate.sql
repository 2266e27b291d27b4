-- Applies what the database lacks of sql/migrations, oldest first: read by psql from within 02_create_core_tables.sql, in
-- its transaction. psql has no loop, so this file reads itself again as long as something is lacking. `tradetop setup`,
-- which has no psql, passes it over: it has applied the same files by then.
SELECT count(*) > 0 AS migration_lacking, min(version) AS migration_version, min(name) AS migration_name
FROM (SELECT version, name FROM pg_temp.lacking() ORDER BY version LIMIT 1) AS next \gset
\if :migration_lacking
\ir ../migrations/:migration_name.sql
INSERT INTO shared.schema_migrations (version, name, checksum)
SELECT version, name, checksum FROM pg_temp.migrations() WHERE version = :migration_version;
SELECT 'migration' AS what, :'migration_name' AS object, 'applied' AS result;
\ir migrate.sql
\endif
