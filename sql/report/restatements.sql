-- Figures that had been counted and were changed in a span, by reason: late and corrected trades, busts. At most 200 rows.
-- Parameters: $1 from, $2 to. Rights: SELECT on analytics.sync_restatements.
SELECT reason, count(*)::text AS trades, count(DISTINCT cause)::text AS causes,
       sum(coalesce(new_value, 0) - old_value)::text AS turnover_change, sum(coalesce(new_pnl, 0) - old_pnl)::text AS pnl_change,
       max(restated_at) AS last_at
  FROM analytics.sync_restatements
 WHERE restated_at >= $1::timestamptz AND restated_at < $2::timestamptz
 GROUP BY reason
 ORDER BY count(*) DESC, reason
 LIMIT 200;
