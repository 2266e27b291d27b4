-- What was summed up for the days of strategies. Parameters: $1 strategies, $2 days; arrays of the same length.
-- Rights: SELECT on analytics.performance_metrics.
SELECT strategy, date::text, total_trades::text, total_value::text, realized_pnl::text
  FROM analytics.performance_metrics
 WHERE (strategy, date) IN (SELECT * FROM unnest($1::text[], $2::date[]));
