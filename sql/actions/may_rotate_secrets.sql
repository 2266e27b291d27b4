-- Whether the user may change the notification secrets, their number and keys. Rights: SELECT on these columns.
SELECT has_table_privilege('notification.notification_configs', 'UPDATE')
       AND has_column_privilege('notification.notification_configs', 'secret', 'SELECT')
       AND has_table_privilege('notification.session_secrets', 'INSERT') AS may,
       count(secret_key_id) AS secrets,
       string_agg(DISTINCT secret_key_id, ', ') AS key_ids
FROM notification.notification_configs;
