-- Every job of scheduled maintenance: its next run, the one under way, and the last one that ended or was missed. One that
-- was skipped, since the run before was under way, does not count.
-- cut_off: the run under way is of a scheduler that is gone, since nobody holds the schedulers' lock. late_seconds: since when the next run should have started; null or negative: it need not have. No parameters.
-- Rights: SELECT on shared.maintenance_runs.
WITH jobs AS (
    SELECT DISTINCT job FROM shared.maintenance_runs
)
SELECT j.job, n.due_at AS next_at, n.start_by, (extract(epoch FROM now()) - extract(epoch FROM n.start_by))::float8 AS late_seconds,
       b.started_at AS running_at, b.host AS running_host, b.stop_at,
       b.started_at IS NOT NULL AND NOT EXISTS (
           SELECT FROM pg_locks AS k
           WHERE k.locktype = 'advisory' AND k.granted AND k.objsubid = 1
             AND k.database = (SELECT oid FROM pg_database WHERE datname = current_database())
             AND ((k.classid::bigint << 32) | k.objid::bigint) = hashtextextended('tradetop schedule', 0)
       ) AS cut_off,
       l.due_at AS last_due_at, l.started_at, l.ended_at, l.outcome, l.host,
       (extract(epoch FROM l.ended_at) - extract(epoch FROM l.started_at))::float8 AS took_seconds, left(l.detail, 2000) AS detail
  FROM jobs AS j
  LEFT JOIN LATERAL (SELECT * FROM shared.maintenance_runs AS r
      WHERE r.job = j.job AND r.started_at IS NULL AND r.outcome IS NULL ORDER BY r.due_at LIMIT 1) AS n ON true
  LEFT JOIN LATERAL (SELECT * FROM shared.maintenance_runs AS r
      WHERE r.job = j.job AND r.started_at IS NOT NULL AND r.outcome IS NULL ORDER BY r.due_at DESC LIMIT 1) AS b ON true
  LEFT JOIN LATERAL (SELECT * FROM shared.maintenance_runs AS r
      WHERE r.job = j.job AND r.outcome IS NOT NULL AND (r.started_at IS NOT NULL OR r.outcome = 'missed') ORDER BY r.due_at DESC LIMIT 1) AS l ON true
 ORDER BY j.job;
