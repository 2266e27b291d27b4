-- The functions that lend rights are guarded.
-- order: 160
-- severity: fail
-- every: 15 minutes
-- why: A function that runs with its owner’s rights needs a fixed search_path, and must not be open to PUBLIC.
-- remedy: Run: tradetop setup
-- rights: none
--
-- Functions that are missing, or not guarded as the set-up guards them, and the trigger that keeps the levels of log lines.
SELECT name AS object, CASE WHEN p.oid IS NULL THEN 'is missing' ELSE concat_ws(', ',
    CASE WHEN prosecdef <> lends THEN CASE WHEN lends THEN 'does not lend its owner''s rights'
        ELSE 'lends its owner''s rights' END END,
    CASE WHEN NOT COALESCE(proconfig::text LIKE '%search_path=%', false) THEN 'has no fixed search_path' END,
    CASE WHEN lends AND EXISTS (SELECT FROM aclexplode(COALESCE(proacl, acldefault('f', proowner))) WHERE grantee = 0)
        THEN 'is open to PUBLIC' END,
    CASE WHEN lends AND proowner IS DISTINCT FROM to_regrole('tradetop_owner')
        THEN 'does not belong to tradetop_owner' END) END AS problem
FROM (VALUES
    ('shared.create_monthly_partition(text, date)', true), ('shared.ensure_partitions_ahead(integer, text)', true),
    ('shared.detach_old_partitions(integer, text)', true), ('shared.drop_leftover_index(text)', true),
    ('shared.partitions(regclass)', false),
    ('shared.partitioned_table(text)', false), ('shared.refuse_change()', false), ('shared.inventory()', false),
    ('shared.stamp_audit()', false),
    ('notification.keep_for_transaction()', false), ('logging.keep_level()', false),
    ('analytics.average_cost(numeric, numeric, text[], numeric[], numeric[], numeric[])', false)
) AS expected (name, lends)
LEFT JOIN pg_proc AS p ON p.oid = to_regprocedure(name)
WHERE p.oid IS NULL OR prosecdef <> lends OR NOT COALESCE(proconfig::text LIKE '%search_path=%', false)
    OR lends AND (proowner IS DISTINCT FROM to_regrole('tradetop_owner')
        OR EXISTS (SELECT FROM aclexplode(COALESCE(proacl, acldefault('f', proowner))) WHERE grantee = 0))
UNION ALL
SELECT 'logging.system_logs', 'does not keep levels by one name: it has no trigger system_logs_level'
WHERE to_regclass('logging.system_logs') IS NOT NULL
    AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass('logging.system_logs') AND tgname = 'system_logs_level'
        AND tgfoid = to_regprocedure('logging.keep_level()') AND tgenabled IN ('O', 'A'))
ORDER BY object;
