-- The last 50 notifications of the last day that failed or wait, the newest first, with the configuration that they are for.
-- No parameters. Rights: SELECT on notification.notification_logs, and on id and name of notification_configs.
SELECT n.id::text, n.created_at, n.channel, c.name AS config, n.event_type, n.severity, left(n.subject, 500) AS subject, n.status,
       n.attempts, left(n.error, 500) AS error, n.correlation_id
  FROM notification.notification_logs AS n
  LEFT JOIN notification.notification_configs AS c ON c.id = n.config_id
 WHERE n.status IN ('failed', 'pending') AND n.created_at > now() - interval '1 day'
 ORDER BY n.created_at DESC, n.id DESC
 LIMIT 50;
