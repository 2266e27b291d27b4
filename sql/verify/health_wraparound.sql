-- Databases whose transaction or multixact ids are older than autovacuum should ever let them be: half as old again as
-- where it starts to freeze. Rights: none.
SELECT datname AS object, age(datfrozenxid) AS xid_age, mxid_age(datminmxid) AS multixact_age,
    2146483647 - GREATEST(age(datfrozenxid), mxid_age(datminmxid)) AS ids_left
FROM pg_database
WHERE datallowconn AND (age(datfrozenxid) > 1.5 * current_setting('autovacuum_freeze_max_age')::bigint
    OR mxid_age(datminmxid) > 1.5 * current_setting('autovacuum_multixact_freeze_max_age')::bigint)
ORDER BY ids_left
LIMIT 20;
