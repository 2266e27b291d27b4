-- What a scheduler must know before it decides: the server's time, by which all schedulers go, and the settings
-- market.sessions and maintenance.schedule as JSON, null where there is none. No parameters.
-- Rights: SELECT on shared.system_config.
SELECT clock_timestamp()::text AS now,
       (SELECT value::text FROM shared.system_config WHERE key = 'market.sessions')      AS market,
       (SELECT value::text FROM shared.system_config WHERE key = 'maintenance.schedule') AS schedule;
