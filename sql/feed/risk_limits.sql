-- Creates each account's missing limits. $1 accounts. Rights: INSERT and SELECT on risk_management.risk_limits.
INSERT INTO risk_management.risk_limits (limit_type, account_id, limit_value, updated_by)
SELECT l.limit_type, a.account_id, l.limit_value, 'feed'
  FROM unnest($1::text[]) AS a (account_id)
 CROSS JOIN (VALUES ('max_order_value', 60000), ('max_position_value', 250000), ('max_exposure', 1500000))
       AS l (limit_type, limit_value)
 WHERE NOT EXISTS (SELECT FROM risk_management.risk_limits AS r
                    WHERE r.limit_type = l.limit_type AND r.account_id = a.account_id)
 ORDER BY a.account_id, l.limit_type;
