-- Whether Prefect has a database on this server: by its usual name, or as the set-up marked it. Rights: none.
SELECT 'prefect' AS object, 'there is no database for Prefect' AS problem
WHERE NOT EXISTS (SELECT FROM pg_database
    WHERE datname = 'prefect' OR shobj_description(oid, 'pg_database') LIKE 'Prefect:%')
ORDER BY object;
