-- Fills are append-only.
-- order: 155
-- severity: fail
-- every: 15 minutes
-- why: A trade that a service can change or delete afterwards is no record of what the market did.
-- remedy: Run: tradetop setup. Take other roles' rights away: REVOKE … ON execution.trades FROM …;
-- rights: none
--
-- Roles, PUBLIC included, that were granted more on execution.trades, or on columns of it, than to read and to insert. Its
-- owner may do everything, and tradetop_operator may correct and bust trades.
SELECT 'execution.trades' || COALESCE('.' || attname, '') AS object, format('%s was granted %s',
    COALESCE(NULLIF(grantee, 0)::regrole::text, 'PUBLIC'), privilege_type) AS problem
FROM (
    SELECT NULL::name AS attname, acl.grantee, acl.privilege_type, relowner
    FROM pg_class, aclexplode(relacl) AS acl
    WHERE pg_class.oid = to_regclass('execution.trades')
    UNION ALL
    SELECT attname, acl.grantee, acl.privilege_type, relowner
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid, aclexplode(attacl) AS acl
    WHERE attrelid = to_regclass('execution.trades')
) AS grants
WHERE grantee <> relowner
    AND privilege_type NOT IN ('SELECT', 'MAINTAIN')
    AND NOT (privilege_type = 'INSERT' AND grantee IS DISTINCT FROM to_regrole('tradetop_operator')::oid)
    AND NOT (privilege_type IN ('UPDATE', 'DELETE') AND grantee = to_regrole('tradetop_operator')::oid
        AND (attname IS NOT NULL OR privilege_type = 'DELETE')
        AND COALESCE(attname, '') NOT IN ('id', 'trade_id', 'order_id', 'account_id', 'symbol', 'created_at'))
ORDER BY 1, 2
LIMIT 501;
