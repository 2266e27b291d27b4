-- The alerts that stood in a span, those that stand first, then the worst; at most 201 rows. One that stands and was not seen
-- for a minute is not watched.
-- Parameters: $1 from, $2 to. Rights: SELECT on shared.alert_lives.
SELECT CASE WHEN cleared_at IS NOT NULL THEN 'cleared' WHEN last_seen_at < now() - interval '1 minute' THEN 'not watched'
            ELSE 'stands' END AS state,
       severity, left(alert, 200) AS alert, left(text, 300) AS what, left(cause, 200) AS cause, fired_at,
       coalesce(cleared_at, CASE WHEN last_seen_at < now() - interval '1 minute' THEN last_seen_at END) AS cleared_at,
       round(extract(epoch FROM coalesce(cleared_at, last_seen_at) - fired_at))::text AS seconds
  FROM shared.alert_lives
 WHERE fired_at < $2::timestamptz AND (cleared_at IS NULL OR cleared_at >= $1::timestamptz)
 ORDER BY cleared_at IS NOT NULL, severity = 'warn', fired_at DESC, alert_lives.id
 LIMIT 201;
