-- The synchroniser's processes with the figures of their last heartbeats, at most 50. No parameters.
-- Rights: SELECT on analytics.sync_workers. Leaves out a process without a heartbeat for a week, unless it is the last.
-- silent_seconds is by this server's clock, which wrote the heartbeat: the console's clock may differ.
SELECT worker, mode, host, pid, started_at, heartbeat_at, safe_at, stopped_at,
       greatest(0, extract(epoch FROM now()) - extract(epoch FROM heartbeat_at))::float8 AS silent_seconds,
       CASE WHEN octet_length(stats::text) <= 65536 THEN stats::text ELSE '{}' END AS figures
  FROM analytics.sync_workers
 WHERE heartbeat_at > now() - interval '7 days'
    OR heartbeat_at = (SELECT max(heartbeat_at) FROM analytics.sync_workers)
 ORDER BY heartbeat_at DESC, worker
 LIMIT 50;
