-- The synchroniser's gaps in which trades were recovered, around the times at which rows of trades were created; the newest 100.
-- Parameters: $1 times, an array. Rights: SELECT on analytics.sync_gaps.
SELECT id::text, worker, reason, started_at, ended_at, filled_at
  FROM analytics.sync_gaps
 WHERE recovered > 0
   AND ended_at >= (SELECT min(t) FROM unnest($1::timestamptz[]) AS t) - interval '60 s'
   AND (started_at IS NULL OR started_at <= (SELECT max(t) FROM unnest($1::timestamptz[]) AS t) + interval '60 s')
 ORDER BY id DESC
 LIMIT 100;
