-- Records one pass over a gap.
-- Parameters: $1 gap, $2 trades that were recovered in it, $3 whether it is filled now, $4 error or NULL.
-- Rights: SELECT, UPDATE on analytics.sync_gaps.
UPDATE analytics.sync_gaps
   SET recovered = recovered + $2::bigint, passes = passes + 1, error = $4,
       filled_at = CASE WHEN $3::boolean THEN now() END
 WHERE id = $1::bigint AND filled_at IS NULL
