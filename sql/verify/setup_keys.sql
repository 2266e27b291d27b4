-- Every key is in force.
-- order: 70
-- severity: fail
-- every: 15 minutes
-- why: Without them a trade can be booked twice, or belong to no order.
-- remedy: Run: tradetop verify --only data --full, correct the rows that it shows, then run: tradetop setup
-- rights: none
--
-- Primary, unique and foreign keys that are missing, differ from those of the set-up, or are not validated.
WITH expected AS (
    SELECT tab, split_part(entry, ' ', 1) AS name, substr(entry, strpos(entry, ' ') + 1) AS rule
    FROM (VALUES
        ('analytics.archived_sync_ledger', 'archived_sync_ledger_pkey PRIMARY KEY trade_id, executed_at'),
        ('analytics.book_closings', 'book_closings_pkey PRIMARY KEY closed_before'),
        ('analytics.opening_balances', 'opening_balances_pkey PRIMARY KEY account_id, symbol, closed_before'),
        ('analytics.performance_metrics', 'performance_metrics_pkey PRIMARY KEY id; '
         'performance_metrics_strategy_date_key UNIQUE strategy, date'),
        ('analytics.portfolio_summary', 'portfolio_summary_account_id_symbol_key UNIQUE account_id, symbol; '
         'portfolio_summary_pkey PRIMARY KEY id'),
        ('analytics.reports', 'reports_pkey PRIMARY KEY id'),
        ('analytics.sync_gaps', 'sync_gaps_pkey PRIMARY KEY id'),
        ('analytics.sync_ledger', 'sync_ledger_pkey PRIMARY KEY trade_id'),
        ('analytics.sync_marks', 'sync_marks_pkey PRIMARY KEY symbol'),
        ('analytics.sync_pairs', 'sync_pairs_pkey PRIMARY KEY account_id, symbol'),
        ('analytics.sync_quarantine', 'sync_quarantine_kind_event_key_key UNIQUE kind, event_key; '
         'sync_quarantine_pkey PRIMARY KEY id'),
        ('analytics.sync_restatements', 'sync_restatements_pkey PRIMARY KEY id'),
        ('analytics.sync_slots', 'sync_slots_pkey PRIMARY KEY slot_name'),
        ('analytics.sync_workers', 'sync_workers_pkey PRIMARY KEY worker'),
        ('data_ingestion.data_quality_logs', 'data_quality_logs_check_name_row_key_key UNIQUE check_name, row_key; '
         'data_quality_logs_pkey PRIMARY KEY id'),
        ('data_ingestion.ingestion_status', 'ingestion_status_pkey PRIMARY KEY id; ingestion_status_source_symbol_key UNIQUE '
         'source, symbol'),
        ('data_ingestion.market_data', 'market_data_pkey PRIMARY KEY id, timestamp; unique_symbol_timestamp UNIQUE '
         'symbol, timestamp'),
        ('execution.archived_trades', 'archived_trades_pkey PRIMARY KEY trade_id, executed_at'),
        ('execution.execution_logs', 'execution_logs_as_their_orders FOREIGN KEY order_id, account_id, symbol REFERENCES '
         'execution.orders order_id, account_id, symbol; execution_logs_order_id_step_key UNIQUE order_id, step; '
         'execution_logs_pkey PRIMARY KEY id'),
        ('execution.orders', 'orders_order_id_account_id_symbol_key UNIQUE order_id, account_id, symbol; '
         'orders_order_id_key UNIQUE order_id; orders_pkey PRIMARY KEY id'),
        ('execution.positions', 'positions_pkey PRIMARY KEY id; unique_account_symbol UNIQUE account_id, symbol'),
        ('execution.trades', 'trades_as_their_orders FOREIGN KEY order_id, account_id, symbol REFERENCES '
         'execution.orders order_id, account_id, symbol; trades_order_id_fkey FOREIGN KEY order_id REFERENCES execution.orders order_id; '
         'trades_pkey PRIMARY KEY id; trades_trade_id_key UNIQUE trade_id'),
        ('logging.archived_system_logs', 'archived_system_logs_pkey PRIMARY KEY id'),
        ('logging.performance_logs', 'performance_logs_pkey PRIMARY KEY id'),
        ('logging.system_logs', 'system_logs_pkey PRIMARY KEY id'),
        ('notification.notification_configs', 'notification_configs_name_key UNIQUE name; notification_configs_pkey '
         'PRIMARY KEY id'),
        ('notification.notification_logs', 'notification_logs_config_id_fkey FOREIGN KEY config_id REFERENCES '
         'notification.notification_configs id ON DELETE SET NULL; notification_logs_pkey PRIMARY KEY id'),
        ('notification.told_alerts', 'told_alerts_config_id_fkey FOREIGN KEY config_id REFERENCES '
         'notification.notification_configs id ON DELETE CASCADE; told_alerts_pkey PRIMARY KEY config_id, alert'),
        ('risk_management.position_limits', 'position_limits_event_id_fkey FOREIGN KEY event_id REFERENCES '
         'risk_management.risk_events id ON DELETE SET NULL; position_limits_pkey PRIMARY KEY id'),
        ('risk_management.risk_events', 'risk_events_pkey PRIMARY KEY id; risk_events_risk_limit_id_fkey FOREIGN KEY '
         'risk_limit_id REFERENCES risk_management.risk_limits id ON DELETE SET NULL'),
        ('risk_management.risk_limits', 'risk_limits_pkey PRIMARY KEY id'),
        ('shared.alert_lives', 'alert_lives_pkey PRIMARY KEY id'),
        ('shared.alert_marks', 'alert_marks_pkey PRIMARY KEY alert'),
        ('shared.audit_log', 'audit_log_pkey PRIMARY KEY id'),
        ('shared.maintenance_runs', 'maintenance_runs_pkey PRIMARY KEY job, due_at'),
        ('shared.schema_migrations', 'schema_migrations_pkey PRIMARY KEY version'),
        ('shared.system_config', 'system_config_key_key UNIQUE key; system_config_pkey PRIMARY KEY id'),
        ('strategy_engine.strategies', 'strategies_name_key UNIQUE name; strategies_pkey PRIMARY KEY id'),
        ('strategy_engine.strategy_performance', 'strategy_performance_pkey PRIMARY KEY id; '
         'strategy_performance_strategy_date_key UNIQUE strategy, date; strategy_performance_strategy_fkey FOREIGN '
         'KEY strategy REFERENCES strategy_engine.strategies name ON UPDATE CASCADE'),
        ('strategy_engine.strategy_signals', 'strategy_signals_pkey PRIMARY KEY id; strategy_signals_strategy_fkey '
         'FOREIGN KEY strategy REFERENCES strategy_engine.strategies name ON UPDATE CASCADE')
    ) AS tables (tab, list), unnest(string_to_array(list, '; ')) AS entry
), actual AS (
    SELECT to_regclass(tab) AS rel, expected.*, convalidated, btrim(replace(regexp_replace(regexp_replace(
        pg_get_constraintdef(c.oid), '::(character varying|[a-z_.]+)(\(\d+(,\d+)?\))?(\[\])?', '', 'g'),
        '[][()"\s]+', ' ', 'g'), ' ,', ',')) AS found
    FROM expected LEFT JOIN pg_constraint AS c ON conrelid = to_regclass(tab) AND conname = name
)
SELECT tab || ' ' || name AS object, CASE WHEN found IS NULL THEN 'is missing'
    WHEN NOT convalidated THEN 'is not valid: rows from before may break it'
    ELSE format('is %s, not %s', found, rule) END AS problem
FROM actual
WHERE rel IS NOT NULL AND (found IS DISTINCT FROM rule OR NOT convalidated)
ORDER BY object
LIMIT 501;
