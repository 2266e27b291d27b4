-- Lowers the exposure limit of the first account to 1,000, and keeps the old value in its author.
-- No parameters. Rights: SELECT and UPDATE on risk_management.risk_limits.
UPDATE risk_management.risk_limits
   SET updated_by = 'demo ' || limit_value, limit_value = 1000, version = version + 1
 WHERE id = (SELECT id FROM risk_management.risk_limits
              WHERE limit_type = 'max_exposure' AND account_id IS NOT NULL
              ORDER BY account_id
              LIMIT 1)
   AND updated_by NOT LIKE 'demo %'
