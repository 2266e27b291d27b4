-- The enabled notification configurations, without their secrets; at most 100. No parameters.
-- Rights: SELECT on these columns of notification.notification_configs.
SELECT id::text AS id, name, channel, target, to_json(event_types)::text AS event_types, min_severity, secret_key_id, version
  FROM notification.notification_configs
 WHERE enabled
 ORDER BY id
 LIMIT 100;
