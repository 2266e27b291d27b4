-- Records a gap, a span of time in which events may have been missed. Its fence is this transaction: all transactions
-- that were open before it have lower numbers, also those that began after the last one that has ended, which a
-- snapshot's xmax leaves out.
-- Parameters: $1 worker, $2 reason, $3 start (NULL: unknown), $4 end. Returns the gap's id.
-- Rights: INSERT on analytics.sync_gaps.
INSERT INTO analytics.sync_gaps (worker, reason, started_at, ended_at, fence)
VALUES ($1, $2, CASE WHEN $3::timestamptz IS NOT NULL THEN least($3::timestamptz, $4::timestamptz) END, $4::timestamptz,
        pg_current_xact_id())
RETURNING id::text
