-- Every limit’s strategy exists.
-- order: 74
-- severity: warn
-- every: 15 minutes
-- why: A limit of a strategy that there is not limits nothing: its name is misspelt, or the strategy trades under another one.
-- remedy: Compare with the names in strategy_engine.strategies, make the right limit (tradetop limit new) and disable this one.
-- rights: SELECT on risk_management.risk_limits, position_limits and strategy_engine.strategies
--
-- Of limits that are enabled. A strategy that is paused or stopped keeps its limits.
SELECT l.object, l.id, l.strategy
FROM (
    SELECT 'risk limit' AS object, id, strategy FROM risk_management.risk_limits WHERE enabled
    UNION ALL
    SELECT 'position limit', id, strategy FROM risk_management.position_limits WHERE enabled
) AS l
WHERE l.strategy IS NOT NULL AND NOT EXISTS (SELECT FROM strategy_engine.strategies AS s WHERE s.name = l.strategy)
ORDER BY l.object, l.id
LIMIT 501;
