-- Writes what receivers are told, and the messages that tell it, as one effect: neither without the other. Repeating it
-- changes nothing.
-- $1: told alerts, JSON rows of (config_id, alert, severity, owner, text, since); $2: those that are told of no more, rows of
-- (config_id, alert); $3: messages, rows of (config_id, channel, event_type, severity, subject, body, status, attempts,
-- error, tries, correlation_id, created_at, sent_at). A configuration that is gone is left out, or null in a message.
-- Rights: SELECT, INSERT, UPDATE and DELETE on notification.told_alerts, SELECT, INSERT and UPDATE on notification_logs,
-- SELECT on notification_configs.
WITH told AS (
    INSERT INTO notification.told_alerts (config_id, alert, severity, owner, text, since)
    SELECT t.config_id, t.alert, t.severity, t.owner, t.text, t.since
      FROM jsonb_to_recordset($1::jsonb) AS t (config_id bigint, alert text, severity text, owner text, text text,
               since timestamptz)
      JOIN notification.notification_configs AS c ON c.id = t.config_id
    ON CONFLICT (config_id, alert) DO UPDATE
       SET severity = excluded.severity, owner = excluded.owner, text = excluded.text, since = excluded.since,
           told_at = now()
), ended AS (
    DELETE FROM notification.told_alerts AS old
     USING jsonb_to_recordset($2::jsonb) AS t (config_id bigint, alert text)
     WHERE old.config_id = t.config_id AND old.alert = t.alert
), message AS (
    SELECT c.id AS config_id, m.channel, m.event_type, m.severity, m.subject, m.body, m.status, m.attempts, m.error, m.tries,
           m.correlation_id, m.created_at, m.sent_at
      FROM jsonb_to_recordset($3::jsonb) AS m (config_id bigint, channel text, event_type text, severity text, subject text,
               body text, status text, attempts integer, error text, tries jsonb, correlation_id text,
               created_at timestamptz, sent_at timestamptz)
      LEFT JOIN notification.notification_configs AS c ON c.id = m.config_id
), changed AS (
    UPDATE notification.notification_logs AS l
       SET severity = m.severity, subject = m.subject, body = m.body, status = m.status, attempts = m.attempts,
           error = m.error, tries = m.tries, sent_at = m.sent_at
      FROM message AS m
     WHERE l.created_at = m.created_at AND l.correlation_id = m.correlation_id
    RETURNING l.correlation_id
)
INSERT INTO notification.notification_logs (config_id, channel, event_type, severity, subject, body, status, attempts, error,
       tries, correlation_id, created_at, sent_at)
SELECT m.config_id, m.channel, m.event_type, m.severity, m.subject, m.body, m.status, m.attempts, m.error, m.tries,
       m.correlation_id, m.created_at, m.sent_at
  FROM message AS m
 WHERE m.correlation_id NOT IN (SELECT correlation_id FROM changed);
