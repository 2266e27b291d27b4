-- The audit log is append-only.
-- order: 170
-- severity: fail
-- every: 15 minutes
-- why: A record that can be changed proves nothing.
-- remedy: Run: tradetop setup. Take rights away: REVOKE … ON shared.audit_log FROM …;
-- rights: none
--
-- The trigger that refuses exists and always fires, the one that fills the server's columns exists, and no role was
-- granted more than SELECT and INSERT of some columns.
SELECT 'shared.audit_log' AS object, 'has no trigger that refuses changes' AS problem
WHERE to_regclass('shared.audit_log') IS NOT NULL AND NOT EXISTS (SELECT FROM pg_trigger
    WHERE tgrelid = to_regclass('shared.audit_log') AND tgname = 'audit_log_append_only'
        AND tgfoid = to_regprocedure('shared.refuse_change()') AND tgtype & 58 = 58 AND tgqual IS NULL)
UNION ALL
SELECT 'shared.audit_log', format('trigger %s does not fire always (%s)', tgname, tgenabled)
FROM pg_trigger
WHERE tgrelid = to_regclass('shared.audit_log') AND tgname = 'audit_log_append_only' AND tgenabled <> 'A'
UNION ALL
SELECT 'shared.audit_log', 'has no trigger that fills in time and database user'
WHERE to_regclass('shared.audit_log') IS NOT NULL AND NOT EXISTS (SELECT FROM pg_trigger
    WHERE tgrelid = to_regclass('shared.audit_log') AND tgname = 'audit_log_stamp' AND tgenabled IN ('O', 'A')
        AND tgfoid = to_regprocedure('shared.stamp_audit()') AND tgtype & 7 = 7 AND tgqual IS NULL)
UNION ALL
SELECT 'shared.stamp_audit()', 'does not fill in time and database user'
FROM pg_proc
WHERE oid = to_regprocedure('shared.stamp_audit()')
    AND prosrc NOT LIKE '%NEW.timestamp := clock_timestamp()%NEW.db_user := session_user%'
UNION ALL
SELECT 'shared.refuse_change()', 'does not refuse'
FROM pg_proc
WHERE oid = to_regprocedure('shared.refuse_change()') AND prosrc NOT LIKE '%RAISE EXCEPTION%append-only%'
UNION ALL
SELECT 'shared.audit_log', format('%s was granted %s', COALESCE(NULLIF(grantee, 0)::regrole::text, 'PUBLIC'),
    privilege_type)
FROM pg_class, aclexplode(relacl)
WHERE oid = to_regclass('shared.audit_log') AND grantee <> relowner AND privilege_type NOT IN ('SELECT', 'MAINTAIN')
UNION ALL
SELECT 'shared.audit_log.' || attname, format('%s was granted %s',
    COALESCE(NULLIF(grantee, 0)::regrole::text, 'PUBLIC'), privilege_type)
FROM pg_attribute, aclexplode(attacl)
WHERE attrelid = to_regclass('shared.audit_log') AND (privilege_type NOT IN ('SELECT', 'INSERT')
    OR privilege_type = 'INSERT' AND attname IN ('id', 'db_user', 'client_addr', 'backend_pid'))
ORDER BY 1, 2;
