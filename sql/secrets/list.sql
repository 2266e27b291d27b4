-- The notification configurations and the keys that encrypt their secrets, never the secrets.
-- $1 a name, or null for all. Rights: SELECT on these columns.
SELECT id, name, channel, target, secret_key_id, version
FROM notification.notification_configs
WHERE $1::text IS NULL OR name = $1
ORDER BY name;
