-- The time before which some worker had committed or declared everything that was published, and the time of the
-- database's clock. A time that was in the future when it was written does not count.
-- No parameters. Returns safe_at NULL where no worker ever ran.
-- Rights: SELECT on analytics.sync_workers.
SELECT max(least(safe_at, heartbeat_at))::text AS safe_at, clock_timestamp()::text AS clock FROM analytics.sync_workers
