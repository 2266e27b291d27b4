-- Log lines by their correlation ids, also archived ones; the newest 50, the oldest first. Parameters: $1 correlation ids, an
-- array. Rights: SELECT on logging.system_logs and logging.archived_system_logs.
SELECT id::text, at, service, level, event_type, message, correlation_id
  FROM (SELECT id, "timestamp" AS at, service, level, event_type, left(message, 300) AS message, correlation_id
          FROM logging.system_logs WHERE correlation_id = ANY ($1::text[])
         UNION ALL
        SELECT id, "timestamp", service, level, event_type, left(message, 300), correlation_id
          FROM logging.archived_system_logs WHERE correlation_id = ANY ($1::text[])
         ORDER BY at DESC, id DESC
         LIMIT 50) AS newest
 ORDER BY at, id;
