-- Thresholds of alerts for all hosts: the setting alerts.limits, if there is one, at most $1 characters of it.
-- Parameters: $1 most characters.
-- Rights: SELECT on shared.system_config.
SELECT left(value::text, $1::int) AS value FROM shared.system_config WHERE key = 'alerts.limits';
