-- Until when some worker had everything: what was published before is committed or declared as a gap; and what the clock
-- says now. NULL: no worker ever ran. A time that was not over yet when it was written is nobody's.
-- Rights: SELECT on analytics.sync_workers.
SELECT max(least(safe_at, heartbeat_at))::text AS safe_at, clock_timestamp()::text AS clock FROM analytics.sync_workers
