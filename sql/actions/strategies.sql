-- Strategies, with the version that an edit must find unchanged, and how many orders of each are open. $1: their names, or null
-- for all. Nobody is recorded as the last editor: the audit log has that.
-- Rights: SELECT on strategy_engine.strategies and execution.orders.
SELECT s.name               AS key,
       s.status,
       s.description,
       s.version,
       NULL::text           AS updated_by,
       s.updated_at::text   AS updated_at,
       (SELECT count(*) FROM execution.orders AS o
         WHERE o.status IN ('pending', 'submitted', 'partially_filled') AND o.strategy = s.name)::integer AS open_orders
FROM strategy_engine.strategies AS s
WHERE $1::text[] IS NULL OR s.name = ANY ($1::text[])
ORDER BY s.name;
