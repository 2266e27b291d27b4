-- Autovacuum keeps up with freezing.
-- order: 20
-- severity: warn
-- every: 15 minutes
-- why: Something keeps it from freezing old rows: an open transaction, a replication slot, or too few workers.
-- remedy: See long transactions, prepared transactions and replication slots; then run VACUUM (FREEZE) on the oldest
--   tables.
-- rights: none
--
-- Databases whose transaction or multixact ids are half as old again as the age at which autovacuum starts to freeze,
-- which it should never let happen.
SELECT datname AS object, age(datfrozenxid) AS xid_age, mxid_age(datminmxid) AS multixact_age,
    2146483647 - GREATEST(age(datfrozenxid), mxid_age(datminmxid)) AS ids_left
FROM pg_database
WHERE datallowconn AND (age(datfrozenxid) > 1.5 * current_setting('autovacuum_freeze_max_age')::bigint
    OR mxid_age(datminmxid) > 1.5 * current_setting('autovacuum_multixact_freeze_max_age')::bigint)
ORDER BY ids_left
LIMIT 501;
