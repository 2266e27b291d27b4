-- Transaction ids do not run out.
-- order: 10
-- severity: fail
-- every: minute
-- why: The server refuses every write when they do.
-- remedy: Run VACUUM (FREEZE, INDEX_CLEANUP OFF, TRUNCATE FALSE) on the oldest tables, and end what holds the horizon
--   back.
-- rights: none
--
-- Databases with fewer than 500 million ids left before the server refuses to write.
SELECT datname AS object, age(datfrozenxid) AS xid_age, mxid_age(datminmxid) AS multixact_age,
    2146483647 - GREATEST(age(datfrozenxid), mxid_age(datminmxid)) AS ids_left
FROM pg_database
WHERE datallowconn AND GREATEST(age(datfrozenxid), mxid_age(datminmxid)) > 1646483647
ORDER BY ids_left
LIMIT 501;
