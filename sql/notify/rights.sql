-- The rights that the notifier lacks, as a superuser would grant them to this role; no row: none. No parameters.
-- Rights: none.
SELECT format('GRANT %s ON %s TO %I;', string_agg(privilege, ', ' ORDER BY privilege), tab, current_user) AS remedy
  FROM (VALUES ('notification.notification_configs', 'SELECT'), ('notification.notification_logs', 'SELECT'),
               ('notification.notification_logs', 'INSERT'), ('notification.notification_logs', 'UPDATE'),
               ('notification.told_alerts', 'SELECT'), ('notification.told_alerts', 'INSERT'),
               ('notification.told_alerts', 'UPDATE'), ('notification.told_alerts', 'DELETE'),
               ('notification.session_secrets', 'INSERT')) AS needed (tab, privilege)
 WHERE to_regclass(tab) IS NOT NULL AND NOT has_table_privilege(to_regclass(tab), privilege)
 GROUP BY tab
 ORDER BY tab;
