-- Whether step 2 of the set-up has run in this database. Rights: none.
SELECT to_regclass('execution.orders') IS NOT NULL AND to_regclass('shared.schema_migrations') IS NOT NULL AS there;
