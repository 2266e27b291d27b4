-- Ends what was begun for configurations that are disabled or gone, as one effect: their messages are suppressed, and what
-- they were told is forgotten, so that one that is enabled again is told of all that stands then. Returns the ids of those
-- that are disabled. No parameters.
-- Rights: SELECT and DELETE on notification.told_alerts, SELECT and UPDATE on notification_logs, SELECT on
-- notification_configs.
WITH forgotten AS (
    DELETE FROM notification.told_alerts AS t
     USING notification.notification_configs AS c
     WHERE c.id = t.config_id AND NOT c.enabled
    RETURNING t.config_id
), suppressed AS (
    UPDATE notification.notification_logs AS l
       SET status = 'suppressed', error = 'its configuration is disabled or gone'
     WHERE l.status = 'pending' AND l.event_type = 'alerts'
       AND NOT EXISTS (SELECT FROM notification.notification_configs AS c WHERE c.id = l.config_id AND c.enabled)
    RETURNING l.config_id
)
SELECT config_id::text AS id FROM forgotten UNION SELECT config_id::text FROM suppressed WHERE config_id IS NOT NULL;
