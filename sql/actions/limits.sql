-- Risk limits, with the version that an edit must find unchanged. $1: their ids, or null for all.
-- Rights: SELECT on risk_management.risk_limits.
SELECT l.id::text           AS key,
       l.limit_type,
       l.account_id,
       l.strategy,
       l.symbol,
       l.limit_value,
       l.warn_fraction,
       l.enabled,
       l.version,
       l.updated_by,
       l.updated_at::text   AS updated_at
FROM risk_management.risk_limits AS l
WHERE $1::text[] IS NULL OR l.id::text = ANY ($1::text[])
ORDER BY l.limit_type, l.account_id NULLS FIRST, l.strategy NULLS FIRST, l.symbol NULLS FIRST, l.id;
