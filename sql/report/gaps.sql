-- The spans in which the synchroniser may have missed events that touch a span, open ones first; at most 201 rows.
-- Parameters: $1 from, $2 to. Rights: SELECT on analytics.sync_gaps.
SELECT CASE WHEN filled_at IS NULL THEN 'open' ELSE 'filled' END AS state, reason, worker, started_at, ended_at,
       recovered::text AS recovered, filled_at, left(error, 300) AS error
  FROM analytics.sync_gaps
 WHERE filled_at IS NULL
    OR (coalesce(started_at, ended_at) < $2::timestamptz AND greatest(ended_at, filled_at) >= $1::timestamptz)
 ORDER BY filled_at IS NOT NULL, sync_gaps.id DESC
 LIMIT 201;
