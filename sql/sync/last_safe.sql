-- Until when some worker had everything: what was published before is committed or declared as a gap.
-- NULL: no worker ever ran. Rights: SELECT on analytics.sync_workers.
SELECT max(safe_at)::text AS safe_at FROM analytics.sync_workers
