-- The synchroniser's processes: those of a week. No parameters. Rights: SELECT on analytics.sync_workers.
SELECT worker, mode, started_at, heartbeat_at
  FROM analytics.sync_workers
 WHERE heartbeat_at > now() - interval '7 days'
 ORDER BY worker
 LIMIT 50;
