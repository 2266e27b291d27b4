-- Every role is there, with no more power than it needs.
-- order: 140
-- severity: fail
-- every: 15 minutes
-- why: Services must share nothing but what they are granted.
-- remedy: Run: tradetop setup. Take powers away: ALTER ROLE … NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION
--   NOBYPASSRLS;
-- rights: none
--
-- Roles that are missing, may log in where they must not (or the reverse), have an attribute that they must not have,
-- lack a membership, or may take on an owner's role. The operator may do so through tradetop_vacuum, below PostgreSQL 17 and
-- where it was asked for: setup_owner_roles tells of that. tradetop_sync may have REPLICATION, which reading the WAL needs
-- (tradetop sync --source slot), and tradetop_operator, which dropping a slot needs: set-up gives it to neither.
WITH expected AS (
    SELECT name, name NOT IN ('tradetop_owner', 'tradetop_keeper', 'tradetop_services') AS login, granted
    FROM (VALUES
        ('tradetop_owner', '{}'), ('tradetop_keeper', '{}'), ('tradetop_services', '{}'),
        ('svc_data_ingestion', '{tradetop_services}'), ('svc_strategy_engine', '{tradetop_services}'),
        ('svc_execution', '{tradetop_services}'), ('svc_risk_management', '{tradetop_services}'),
        ('svc_analytics', '{tradetop_services}'), ('svc_notification', '{tradetop_services}'),
        ('svc_logging', '{tradetop_services}'), ('tradetop_sync', '{tradetop_services}'), ('trading_app', '{}'),
        ('tradetop_monitor', '{pg_monitor}'), ('tradetop_operator', '{pg_monitor,pg_signal_backend,tradetop_monitor}')
    ) AS roles (name, granted)
)
SELECT name AS object, 'is missing' AS problem FROM expected WHERE to_regrole(name) IS NULL
UNION ALL
SELECT name, CASE WHEN rolcanlogin THEN 'may log in' ELSE 'may not log in' END
FROM expected JOIN pg_roles ON rolname = name
WHERE rolcanlogin <> login
UNION ALL
SELECT name, 'has more power than it needs: ' || concat_ws(', ', CASE WHEN rolsuper THEN 'SUPERUSER' END,
    CASE WHEN rolcreaterole THEN 'CREATEROLE' END, CASE WHEN rolcreatedb THEN 'CREATEDB' END,
    CASE WHEN rolreplication AND name NOT IN ('tradetop_sync', 'tradetop_operator') THEN 'REPLICATION' END, CASE WHEN rolbypassrls THEN 'BYPASSRLS' END)
FROM expected JOIN pg_roles ON rolname = name
WHERE rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication AND name NOT IN ('tradetop_sync', 'tradetop_operator') OR rolbypassrls
UNION ALL
SELECT name, 'is not a member of ' || of
FROM expected, unnest(granted::text[]) AS of
WHERE to_regrole(name) IS NOT NULL AND to_regrole(of) IS NOT NULL
    AND NOT pg_has_role(to_regrole(name), to_regrole(of), 'USAGE')
UNION ALL
SELECT name, 'may take on ' || owner
FROM expected, unnest('{tradetop_owner,tradetop_keeper}'::text[]) AS owner
WHERE to_regrole(name) IS NOT NULL AND to_regrole(owner) IS NOT NULL AND name NOT IN ('tradetop_owner', 'tradetop_keeper')
    AND CASE WHEN name = 'tradetop_operator' THEN pg_has_role(to_regrole(name), to_regrole(owner), 'USAGE')
        ELSE pg_has_role(to_regrole(name), to_regrole(owner), 'MEMBER') END
ORDER BY 1, 2;
