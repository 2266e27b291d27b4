-- What this user may edit. Rights: none.
SELECT has_column_privilege('shared.system_config', 'value', 'UPDATE')
       AND has_column_privilege('shared.system_config', 'version', 'UPDATE')      AS config,
       has_column_privilege('shared.system_config', 'value', 'INSERT')            AS new_config,
       has_column_privilege('risk_management.risk_limits', 'limit_value', 'UPDATE') AS limits,
       has_column_privilege('risk_management.risk_events', 'acknowledged_at', 'UPDATE') AS events;
