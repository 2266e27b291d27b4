-- Creates the missing limits: of each account, of each strategy, and of the whole desk. The simulated desk itself stays well
-- below them. $1 accounts, $2 strategies. Rights: INSERT and SELECT on risk_management.risk_limits.
WITH wanted (limit_type, account_id, strategy, limit_value) AS (
    SELECT l.limit_type, a.account_id, NULL, l.limit_value
      FROM unnest($1::text[]) AS a (account_id)
     CROSS JOIN (VALUES ('max_order_value', 400000), ('max_position_value', 400000), ('max_exposure', 1500000),
                        ('max_daily_loss', 50000)) AS l (limit_type, limit_value)
     UNION ALL
    SELECT 'max_orders_per_minute', NULL, strategy, 6000
      FROM unnest($2::text[]) AS s (strategy)
     UNION ALL
    SELECT 'max_exposure', NULL, NULL, 8000000
)
INSERT INTO risk_management.risk_limits (limit_type, account_id, strategy, limit_value, updated_by)
SELECT w.limit_type, w.account_id, w.strategy, w.limit_value, 'feed'
  FROM wanted AS w
 WHERE NOT EXISTS (SELECT FROM risk_management.risk_limits AS r
                    WHERE r.limit_type = w.limit_type AND r.account_id IS NOT DISTINCT FROM w.account_id
                      AND r.strategy IS NOT DISTINCT FROM w.strategy AND r.symbol IS NULL)
 ORDER BY w.account_id, w.strategy, w.limit_type;
