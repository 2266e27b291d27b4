-- What people were told, by correlation ids; the newest 50, the oldest first. Parameters: $1 correlation ids, an array.
-- Rights: SELECT on notification.notification_logs.
SELECT id::text, channel, event_type, severity, left(subject, 300) AS subject, status, attempts, left(error, 300) AS error, created_at,
       sent_at
  FROM (SELECT * FROM notification.notification_logs
         WHERE correlation_id = ANY ($1::text[])
         ORDER BY created_at DESC, id DESC
         LIMIT 50) AS newest
 ORDER BY created_at, id;
