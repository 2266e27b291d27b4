-- Logs notifications that were sent to people. $1 event_type, $2 severity, $3 subject, $4 correlation_id; arrays.
-- Rights: INSERT on notification.notification_logs.
INSERT INTO notification.notification_logs (channel, event_type, severity, subject, correlation_id, status, attempts, sent_at)
SELECT 'slack', r.event_type, r.severity, r.subject, r.correlation_id, 'sent', 1, now()
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS r (event_type, severity, subject, correlation_id)
 ORDER BY r.correlation_id;
