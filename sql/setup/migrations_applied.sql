-- The migrations that were applied to this database, oldest first. Rights: SELECT on shared.schema_migrations.
SELECT version, name, checksum, applied_at FROM shared.schema_migrations ORDER BY version;
