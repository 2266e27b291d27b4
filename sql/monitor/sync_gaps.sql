-- Spans in which the synchroniser may have missed events: the oldest 50 open ones, then the newest 50 filled ones.
-- No parameters. Rights: SELECT on analytics.sync_gaps.
-- settled: every transaction that was open when the gap was recorded has ended; a gap cannot be filled before that.
WITH open AS MATERIALIZED (
    SELECT * FROM analytics.sync_gaps WHERE filled_at IS NULL ORDER BY id LIMIT 50
), filled AS MATERIALIZED (
    SELECT * FROM analytics.sync_gaps WHERE filled_at IS NOT NULL ORDER BY id DESC LIMIT 50
)
SELECT id::text, worker, reason, started_at AS "from", ended_at AS "to", recovered::float8 AS recovered, passes, filled_at,
       left(error, 1000)                                   AS error,
       pg_snapshot_xmin(pg_current_snapshot()) >= fence    AS settled
  FROM (SELECT * FROM open UNION ALL SELECT * FROM filled) AS gaps
 ORDER BY filled_at IS NOT NULL, CASE WHEN filled_at IS NULL THEN gaps.id ELSE - gaps.id END;
