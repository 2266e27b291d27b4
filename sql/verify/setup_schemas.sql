-- The eight schemas are there.
-- order: 30
-- severity: fail
-- every: 15 minutes
-- why: Each service keeps its tables in a schema of its own.
-- remedy: Run: tradetop setup
-- rights: none
--
-- Schemas that are missing or belong to another role.
SELECT name AS object, CASE WHEN nspowner IS NULL THEN 'is missing'
    ELSE format('belongs to %s, not %s', nspowner::regrole, owner) END AS problem
FROM (VALUES
    ('data_ingestion', 'tradetop_owner'), ('strategy_engine', 'tradetop_owner'), ('execution', 'tradetop_owner'),
    ('risk_management', 'tradetop_owner'), ('analytics', 'tradetop_owner'), ('notification', 'tradetop_owner'),
    ('logging', 'tradetop_owner'), ('shared', 'tradetop_keeper')
) AS expected (name, owner)
LEFT JOIN pg_namespace ON nspname = name
WHERE nspowner IS NULL OR nspowner IS DISTINCT FROM to_regrole(owner)
ORDER BY object;
