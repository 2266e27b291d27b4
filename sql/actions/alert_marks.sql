-- What operators said of alerts. $1: the ids of the alerts or rules, or null for all.
-- Rights: SELECT on shared.alert_marks.
SELECT m.alert                    AS key,
       m.acknowledged_at::text    AS acknowledged_at,
       m.acknowledged_by,
       m.note,
       m.muted_at::text           AS muted_at,
       m.muted_minutes,
       m.muted_by,
       coalesce(m.muted_at + m.muted_minutes * interval '1 minute' > now(), false) AS is_muted,
       m.version,
       m.updated_by,
       m.updated_at::text         AS updated_at
FROM shared.alert_marks AS m
WHERE $1::text[] IS NULL OR m.alert = ANY ($1::text[])
ORDER BY m.alert;
