-- Notifications of the last hour that failed, by channel, with the last one's error, and those that have waited for over a
-- minute. No parameters. Rights: SELECT on notification.notification_logs.
SELECT channel,
       count(*) FILTER (WHERE status = 'failed')::integer                                          AS failed,
       count(*) FILTER (WHERE status = 'pending' AND created_at < now() - interval '1 minute')::integer AS waiting,
       max(created_at) FILTER (WHERE status = 'failed')                                            AS last_failed_at,
       (array_agg(left(coalesce(error, ''), 200) ORDER BY created_at DESC) FILTER (WHERE status = 'failed'))[1]
                                                                                                   AS last_error
  FROM (SELECT channel, status, created_at, error
          FROM notification.notification_logs
         WHERE created_at > now() - interval '1 hour'
         ORDER BY created_at DESC
         LIMIT 5000) AS recent
 GROUP BY channel
 ORDER BY channel;
