-- Records a gap over everything until now, in the transaction that applied the change which did not say what it changed.
-- Parameters: $1 worker.
-- Rights: INSERT on analytics.sync_gaps.
INSERT INTO analytics.sync_gaps (worker, reason, ended_at, fence)
VALUES ($1, 'lost', clock_timestamp(), pg_current_xact_id())
