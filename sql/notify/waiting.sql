-- The messages about alerts that are not sent yet, the oldest first; `body` has what they say. Times in microseconds since
-- 1970. No parameters. Rights: SELECT on notification.notification_logs.
SELECT config_id::text AS config_id, correlation_id, (extract(epoch FROM created_at) * 1000000)::float8 AS at, body, attempts,
       tries::text AS tries
  FROM notification.notification_logs
 WHERE status = 'pending' AND event_type = 'alerts' AND config_id IS NOT NULL
 ORDER BY created_at, id
 LIMIT 1000;
