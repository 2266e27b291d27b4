-- The events that were set aside in a span, and those that still wait, which come first; at most 201 rows.
-- Parameters: $1 from, $2 to. Rights: SELECT on analytics.sync_quarantine.
SELECT coalesce(resolution, 'open') AS state, q.id::text AS id, kind, left(event_key, 200) AS event, first_at,
       left(reason, 300) AS reason, resolved_by, left(note, 300) AS note
  FROM analytics.sync_quarantine AS q
 WHERE resolved_at IS NULL OR (first_at < $2::timestamptz AND resolved_at >= $1::timestamptz)
 ORDER BY resolved_at IS NOT NULL, q.id DESC
 LIMIT 201;
