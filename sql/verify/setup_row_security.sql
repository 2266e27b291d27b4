-- Accounts are kept apart by row-level security.
-- order: 130
-- severity: fail
-- every: 15 minutes
-- why: The application could read or write another account’s trades.
-- remedy: Run: tradetop setup. Drop the policies that it did not make: DROP POLICY … ON …;
-- rights: none
--
-- Row-level security that is off, and policies that are missing, differ, or were not made by the set-up. Permissive
-- policies add up, so one more can open what the others close.
WITH expected AS (
    SELECT 'execution.' || tab AS tab, tab || suffix AS policy, command, roles, rule FROM
        unnest('{orders,trades,positions,archived_trades,execution_logs}'::text[]) AS tab,
        (VALUES
            ('_account_policy', '*', '{trading_app}',
             '((account_id)::text = NULLIF(current_setting(''app.current_account_id''::text, true), ''''::text))'),
            ('_services_policy', '*', '{tradetop_services}', 'true'),
            ('_watch_policy', 'r', '{tradetop_monitor,tradetop_operator}', 'true'),
            ('_operator_policy', '*', '{tradetop_operator}', 'true')
        ) AS policies (suffix, command, roles, rule)
    WHERE suffix <> '_operator_policy' OR tab NOT IN ('orders', 'execution_logs')
), actual AS (
    SELECT polrelid, polname, polcmd, polpermissive, polroles::regrole[]::text AS roles,
        pg_get_expr(polqual, polrelid) AS used, pg_get_expr(polwithcheck, polrelid) AS checked
    FROM pg_policy
    WHERE polrelid IN (SELECT to_regclass(tab) FROM expected)
)
SELECT DISTINCT tab AS object, 'row-level security is off' AS problem
FROM expected JOIN pg_class ON pg_class.oid = to_regclass(tab)
WHERE NOT relrowsecurity
UNION ALL
SELECT tab, CASE WHEN polname IS NULL THEN 'has no policy ' || policy ELSE 'has another policy ' || policy END
FROM expected LEFT JOIN actual ON polrelid = to_regclass(tab) AND polname = policy
WHERE to_regclass(tab) IS NOT NULL AND (polname IS NULL OR NOT polpermissive OR polcmd <> command
    OR actual.roles <> expected.roles
    OR used IS DISTINCT FROM rule OR checked IS DISTINCT FROM CASE command WHEN '*' THEN rule END)
UNION ALL
SELECT polrelid::regclass::text, format('has a policy %I for %s that the set-up did not make', polname, roles)
FROM actual
WHERE polpermissive AND polname NOT IN (SELECT policy FROM expected)
ORDER BY 1, 2;
