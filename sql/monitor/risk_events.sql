-- Risk events that are not settled: of those of the last month that nobody has acknowledged the last 100 critical ones and the
-- last 100 warnings, the last 100 of whatever severity, and the last 50 acknowledged ones of the last week. What nobody has
-- acknowledged comes first, the worst before the others, then the newest.
-- No parameters. Rights: SELECT on risk_management.risk_events.
WITH listed AS (
    (SELECT * FROM risk_management.risk_events
      WHERE acknowledged_at IS NULL AND resolved_at IS NULL
      ORDER BY occurred_at DESC
      LIMIT 100)
     UNION
    (SELECT * FROM risk_management.risk_events
      WHERE acknowledged_at IS NULL AND resolved_at IS NULL AND severity = 'critical'
        AND occurred_at > now() - interval '30 days'
      ORDER BY occurred_at DESC
      LIMIT 100)
     UNION
    (SELECT * FROM risk_management.risk_events
      WHERE acknowledged_at IS NULL AND resolved_at IS NULL AND severity = 'warning'
        AND occurred_at > now() - interval '30 days'
      ORDER BY occurred_at DESC
      LIMIT 100)
     UNION
    (SELECT * FROM risk_management.risk_events
      WHERE acknowledged_at IS NOT NULL AND resolved_at IS NULL AND occurred_at > now() - interval '7 days'
      ORDER BY occurred_at DESC
      LIMIT 50)
)
SELECT id::text, risk_limit_id::text AS limit_id, event_type, severity, account_id, strategy, symbol, observed_value,
       limit_value, left(message, 1000) AS message, correlation_id, occurred_at, acknowledged_at, acknowledged_by,
       (extract(epoch FROM now()) - extract(epoch FROM occurred_at))::float8 AS age_seconds
  FROM listed
 ORDER BY acknowledged_at IS NOT NULL, array_position('{critical,warning,info}', severity::text), occurred_at DESC, listed.id;
