-- Risk events. $1: their ids, or null for the newest 200 that nobody has acknowledged.
-- Rights: SELECT on risk_management.risk_events.
SELECT e.id::text               AS key,
       e.occurred_at::text      AS occurred_at,
       e.severity,
       e.event_type,
       e.account_id,
       e.strategy,
       e.symbol,
       e.observed_value,
       e.limit_value,
       e.message,
       e.acknowledged_at::text  AS acknowledged_at,
       e.acknowledged_by,
       e.resolved_at::text      AS resolved_at,
       e.version,
       e.acknowledged_by        AS updated_by,
       e.updated_at::text       AS updated_at
FROM risk_management.risk_events AS e
WHERE $1::bigint[] IS NULL AND e.acknowledged_at IS NULL OR e.id = ANY ($1::bigint[])
ORDER BY e.occurred_at DESC, e.id DESC
LIMIT 200;
