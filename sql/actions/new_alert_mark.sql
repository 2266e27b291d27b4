-- Marks an alert for the first time, and forgets what nobody has changed for a month. $1: the alert's id, $2: who,
-- $3: the note of an acknowledgement or null, $4: minutes to mute it, or null to acknowledge it.
-- Rights: INSERT, SELECT and DELETE on shared.alert_marks.
WITH forgotten AS (
    DELETE FROM shared.alert_marks WHERE updated_at < now() - interval '31 days' AND alert <> $1
)
INSERT INTO shared.alert_marks (alert, acknowledged_at, acknowledged_by, note, muted_at, muted_minutes, muted_by, updated_by)
SELECT $1, CASE WHEN $4::integer IS NULL THEN now() END, CASE WHEN $4::integer IS NULL THEN $2 END, $3,
       CASE WHEN $4::integer IS NOT NULL THEN now() END, $4::integer, CASE WHEN $4::integer IS NOT NULL THEN $2 END, $2
RETURNING alert AS key, acknowledged_at::text AS acknowledged_at, acknowledged_by, note, muted_at::text AS muted_at,
          muted_minutes, muted_by, updated_by, version;
