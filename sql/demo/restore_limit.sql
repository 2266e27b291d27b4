-- Gives the exposure limit that the incident lowered its old value, unless a person has changed it since.
-- No parameters. Rights: SELECT and UPDATE on risk_management.risk_limits.
UPDATE risk_management.risk_limits
   SET limit_value = substr(updated_by, 6)::numeric, updated_by = 'feed', version = version + 1
 WHERE updated_by LIKE 'demo %'
