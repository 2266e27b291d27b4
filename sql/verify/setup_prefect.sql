-- Prefect has its database.
-- order: 20
-- severity: warn
-- every: 15 minutes
-- why: Prefect cannot store its flow runs on this server.
-- remedy: Run: tradetop setup --only prefect
-- rights: none
--
-- The database has its usual name, or the comment by which the set-up marks it.
SELECT 'prefect' AS object, 'there is no database for Prefect' AS problem
WHERE NOT EXISTS (SELECT FROM pg_database
    WHERE datname = 'prefect' OR shobj_description(oid, 'pg_database') LIKE 'Prefect:%')
ORDER BY object;
