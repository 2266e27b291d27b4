-- The database was backed up within the last day.
-- order: 140
-- severity: warn
-- every: 15 minutes
-- why: What is lost with the disk is all that came since the last backup.
-- remedy: Run: tradetop backup. Let another tool record its own: INSERT INTO shared.audit_log (user_id, operation, result)
--   VALUES ('…', 'backup', 'done')
-- rights: SELECT on shared.audit_log and shared.schema_migrations
--
-- Backups are recorded in the audit log, which is searched 31 days back. A database that was set up less than a day ago need
-- not have one; an hour more than a day leaves a daily backup its time.
WITH last AS MATERIALIZED (
    SELECT "timestamp" AS at
    FROM shared.audit_log
    WHERE operation = 'backup' AND result = 'done' AND "timestamp" > now() - interval '31 days'
    ORDER BY "timestamp" DESC
    LIMIT 1
)
SELECT current_database() AS object, COALESCE(date_trunc('second', (SELECT at FROM last))::text, 'none in 31 days') AS last_backup
WHERE (SELECT min(applied_at) FROM shared.schema_migrations) < now() - interval '1 day'
    AND NOT EXISTS (SELECT FROM last WHERE at > now() - interval '25 hours')
ORDER BY object;
