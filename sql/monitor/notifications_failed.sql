-- Notifications of the last hour that failed, by channel, with the last one's error, and those that have waited for over a
-- minute, however old. A message that nobody gets since its configuration is disabled is not among them, nor is a test.
-- No parameters. Rights: SELECT on notification.notification_logs, and on id and enabled of notification_configs.
SELECT n.channel,
       count(*) FILTER (WHERE n.status = 'failed')::integer                                            AS failed,
       count(*) FILTER (WHERE n.status = 'pending' AND n.created_at < now() - interval '1 minute')::integer AS waiting,
       max(n.created_at) FILTER (WHERE n.status = 'failed')                                            AS last_failed_at,
       (array_agg(left(n.error, 200) ORDER BY n.status, n.created_at DESC) FILTER (WHERE n.error <> ''))[1] AS last_error
  FROM (SELECT channel, config_id, status, created_at, error
          FROM notification.notification_logs
         WHERE status IN ('pending', 'failed') AND event_type <> 'test'
           AND (status = 'pending' OR created_at > now() - interval '1 hour')
         ORDER BY created_at DESC
         LIMIT 5000) AS n
  LEFT JOIN notification.notification_configs AS c ON c.id = n.config_id
 WHERE n.status = 'failed' OR c.enabled IS NOT FALSE
 GROUP BY n.channel
HAVING bool_or(n.status = 'failed' OR n.created_at < now() - interval '1 minute')
 ORDER BY n.channel;
