-- Open gaps, oldest first: the times between which their trades are looked for, and whether every transaction that was
-- open when the gap was recorded has ended (`settled`), so that no more of its trades can appear.
-- Parameters: $1 seconds of overlap at either side of a gap.
-- Rights: SELECT on analytics.sync_gaps.
SELECT g.id::text, reason, (started_at - make_interval(secs => $1::float8))::text AS since,
       (ended_at + make_interval(secs => $1::float8))::text AS until,
       pg_snapshot_xmin(pg_current_snapshot()) >= fence AS settled
  FROM analytics.sync_gaps AS g
 WHERE filled_at IS NULL
 ORDER BY g.id
