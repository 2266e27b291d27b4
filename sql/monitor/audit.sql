-- The last 200 records of the audit log, the newest first. No parameters. Rights: SELECT on shared.audit_log.
SELECT id::text, "timestamp" AS at, user_id, db_user, os_user, client, application, host(client_addr) AS address, operation,
       table_name, left(target, 500) AS target, result, rows::float8 AS rows, duration_ms::float8 AS duration_ms,
       left(statement, 2000) AS statement, left(detail::text, 2000) AS detail, correlation_id, backend_pid
  FROM shared.audit_log
 ORDER BY "timestamp" DESC, audit_log.id DESC
 LIMIT 200;
