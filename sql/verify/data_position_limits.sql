-- Every position limit is measured, and its breach is an open risk event.
-- order: 75
-- severity: warn
-- every: minute
-- why: Nobody hears of a breach that is not recorded, and an event of a limit that holds alarms for nothing.
-- remedy: Check that tradetop sync runs, which measures the limits. An event without a breach: tradetop ack ID, with --resolve.
-- rights: SELECT on risk_management.position_limits and risk_events
--
-- A limit that was not measured for five minutes; a breach without an open event; and an open event without a breach.
SELECT l.id AS limit_id, l.account_id, l.strategy, l.symbol, l.event_id, CASE WHEN l.evaluated_at IS NULL THEN 'was never measured'
    WHEN l.evaluated_at < now() - interval '5 minutes' THEN 'is not measured' ELSE 'has no open event of its breach' END AS problem
FROM risk_management.position_limits AS l
WHERE l.enabled AND (COALESCE(l.evaluated_at, l.created_at) < now() - interval '5 minutes' OR l.breached_at IS NOT NULL
    AND NOT EXISTS (SELECT FROM risk_management.risk_events AS e WHERE e.id = l.event_id AND e.resolved_at IS NULL))
UNION ALL
SELECT NULL, e.account_id, e.strategy, e.symbol, e.id, 'is an event without a breach'
FROM risk_management.risk_events AS e
WHERE e.event_type = 'position_limit' AND e.resolved_at IS NULL AND e.acknowledged_at IS NULL
    AND NOT EXISTS (SELECT FROM risk_management.position_limits AS l WHERE l.event_id = e.id AND l.breached_at IS NOT NULL)
ORDER BY problem, limit_id, event_id
LIMIT 501;
