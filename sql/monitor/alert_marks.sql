-- What operators said of alerts, the newest first, at most 1,000. No parameters.
-- Rights: SELECT on shared.alert_marks.
SELECT alert, acknowledged_at, acknowledged_by, note, muted_by,
       CASE WHEN muted_at IS NOT NULL
            THEN (extract(epoch FROM muted_at) + muted_minutes * 60 - extract(epoch FROM now()))::float8 END AS muted_seconds
  FROM shared.alert_marks
 WHERE updated_at > now() - interval '31 days'
 ORDER BY updated_at DESC
 LIMIT 1000;
