-- What this user may edit. Rights: none.
SELECT has_column_privilege('shared.system_config', 'value', 'UPDATE')
       AND has_column_privilege('shared.system_config', 'version', 'UPDATE')      AS config,
       has_column_privilege('shared.system_config', 'value', 'INSERT')            AS new_config,
       has_column_privilege('risk_management.risk_limits', 'limit_value', 'UPDATE') AS limits,
       has_column_privilege('risk_management.risk_events', 'acknowledged_at', 'UPDATE') AS events,
       has_table_privilege(to_regclass('shared.alert_marks'), 'INSERT')           AS alerts,
       has_column_privilege('risk_management.risk_limits', 'limit_value', 'INSERT') AS new_limits,
       has_column_privilege('risk_management.position_limits', 'max_value', 'UPDATE') AS position_limits,
       has_column_privilege('risk_management.position_limits', 'max_value', 'INSERT') AS new_position_limits,
       has_column_privilege('strategy_engine.strategies', 'status', 'UPDATE')     AS strategies,
       has_table_privilege('execution.trades', 'DELETE') AND has_column_privilege('execution.trades', 'price', 'UPDATE')
           AND has_table_privilege('analytics.sync_ledger', 'UPDATE')               AS trades,
       has_table_privilege('analytics.sync_quarantine', 'UPDATE')
           AND has_table_privilege('analytics.sync_ledger', 'UPDATE')               AS quarantine;
