-- When the market is open: the setting market.sessions, if there is one. No parameters.
-- Rights: SELECT on shared.system_config.
SELECT value::text AS value FROM shared.system_config WHERE key = 'market.sessions';
