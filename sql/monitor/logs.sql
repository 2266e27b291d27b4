-- The last 200 log lines of the services, the newest first. No parameters. Rights: SELECT on logging.system_logs.
SELECT id::text, "timestamp" AS at, service, level, event_type, left(message, 1000) AS message, correlation_id,
       left(context::text, 2000) AS context
  FROM logging.system_logs
 ORDER BY "timestamp" DESC, system_logs.id DESC
 LIMIT 200;
