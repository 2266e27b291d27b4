-- Whether this database has a ledger of migrations. Rights: none.
SELECT to_regclass('shared.schema_migrations') IS NOT NULL AS there;
