-- How the risk limits were used in a span, by limit: how often a limit was neared or broken, and the worst of it; events that
-- only inform are no such thing. At most 200 rows. Parameters: $1 from, $2 to, $3 account (NULL: all), $4 strategy (NULL: all).
-- Rights: SELECT on risk_management.risk_events.
SELECT event_type AS "limit", account_id AS account, strategy, symbol, count(*)::text AS events,
       (count(*) FILTER (WHERE severity = 'critical'))::text AS critical,
       round(max(100 * observed_value / nullif(limit_value, 0)), 1)::text AS worst_percent,
       (array_agg(observed_value ORDER BY observed_value / nullif(limit_value, 0) DESC NULLS LAST))[1]::text AS observed,
       (array_agg(limit_value ORDER BY observed_value / nullif(limit_value, 0) DESC NULLS LAST))[1]::text AS limit_value,
       max(occurred_at) AS last_at
  FROM risk_management.risk_events
 WHERE occurred_at >= $1::timestamptz AND occurred_at < $2::timestamptz AND severity <> 'info'
   AND ($3::text IS NULL OR account_id = $3) AND ($4::text IS NULL OR strategy = $4)
 GROUP BY event_type, account_id, strategy, symbol
 ORDER BY max(observed_value / nullif(limit_value, 0)) DESC NULLS LAST, event_type, account_id, strategy, symbol
 LIMIT 200;
