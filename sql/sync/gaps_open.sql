-- Gaps that are not filled yet, with the times between which trades are looked for ($1 seconds of overlap on both sides),
-- and whether every transaction that was open at the gap's end has ended, so that nothing of it can appear any more.
-- Rights: SELECT on analytics.sync_gaps.
SELECT id::text, reason, (started_at - make_interval(secs => $1::float8))::text AS since,
       (ended_at + make_interval(secs => $1::float8))::text AS until,
       pg_snapshot_xmin(pg_current_snapshot()) >= fence AS settled
  FROM analytics.sync_gaps
 WHERE filled_at IS NULL
 ORDER BY id
