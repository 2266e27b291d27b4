-- Each account's exposure and its limit. No parameters.
-- Rights: SELECT on execution.positions and risk_management.risk_limits.
SELECT p.account_id, sum(p.market_value) AS exposure, max(l.limit_value) AS limit_value
  FROM execution.positions AS p
  LEFT JOIN risk_management.risk_limits AS l ON l.account_id = p.account_id AND l.limit_type = 'max_exposure' AND l.enabled
 WHERE p.quantity > 0
 GROUP BY p.account_id
 ORDER BY p.account_id
 LIMIT 100;
