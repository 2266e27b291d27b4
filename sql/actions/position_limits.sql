-- Position limits, with the version that an edit must find unchanged and what the synchroniser measured last. $1: their ids, or null
-- for all.
-- Rights: SELECT on risk_management.position_limits.
SELECT l.id::text           AS key,
       l.account_id,
       l.strategy,
       l.symbol,
       l.max_quantity,
       l.max_value,
       l.warn_fraction,
       l.enabled,
       CASE WHEN l.enabled THEN l.used_quantity END AS used_quantity,
       CASE WHEN l.enabled THEN l.used_value END    AS used_value,
       l.evaluated_at::text AS evaluated_at,
       l.version,
       l.updated_by,
       l.updated_at::text   AS updated_at
FROM risk_management.position_limits AS l
WHERE $1::text[] IS NULL OR l.id::text = ANY ($1::text[])
ORDER BY l.account_id NULLS FIRST, l.strategy NULLS FIRST, l.symbol NULLS FIRST, l.id;
