-- Whether this database has a migration record. Rights: none.
SELECT to_regclass('shared.schema_migrations') IS NOT NULL AS there;
