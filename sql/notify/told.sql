-- What each receiver was told of alerts that have not ended since. Times in microseconds since 1970. No parameters.
-- Rights: SELECT on notification.told_alerts.
SELECT config_id::text AS config_id, alert, severity, owner, text, (extract(epoch FROM since) * 1000000)::float8 AS since
  FROM notification.told_alerts
 ORDER BY config_id, told_at;
