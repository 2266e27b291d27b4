-- Every index is there and valid.
-- order: 90
-- severity: fail
-- every: 15 minutes
-- why: Without them the desk’s queries read whole tables.
-- remedy: Run: tradetop setup --only indexes (on a large live table first by hand, with CREATE INDEX CONCURRENTLY).
-- rights: none
--
-- Indexes that are missing, different or invalid. Casts and brackets are not compared, since a restore from a dump
-- writes them differently.
WITH expected AS (
    SELECT tab, split_part(entry, ' ', 1) AS name, substr(entry, strpos(entry, ' ') + 1) AS rule
    FROM (VALUES
        ('analytics.performance_metrics', 'idx_performance_metrics_date date DESC'),
        ('analytics.portfolio_summary', 'idx_portfolio_summary_symbol symbol'),
        ('analytics.reports', 'idx_reports_from_at from_at, to_at, id'),
        ('analytics.sync_gaps', 'idx_sync_gaps_ended_at ended_at; idx_sync_gaps_open id WHERE filled_at IS NULL'),
        ('analytics.sync_ledger', 'idx_sync_ledger_applied_at brin applied_at; idx_sync_ledger_execution account_id, symbol, executed_at, trade_id COLLATE C; '
         'idx_sync_ledger_rowless applied_at WHERE row_id IS NULL; idx_sync_ledger_strategy strategy, trade_date'),
        ('analytics.sync_quarantine', 'idx_sync_quarantine_open id WHERE resolved_at IS NULL; '
         'idx_sync_quarantine_trade event ->> ''key'' WHERE kind = ''trades'''),
        ('analytics.sync_restatements', 'idx_sync_restatements_restated_at restated_at DESC; '
         'idx_sync_restatements_trade_id trade_id'),
        ('data_ingestion.data_quality_logs', 'idx_data_quality_logs_open timestamp DESC WHERE resolved_at IS NULL; '
         'idx_data_quality_logs_symbol symbol, timestamp DESC; idx_data_quality_logs_timestamp timestamp DESC'),
        ('data_ingestion.market_data', 'idx_market_data_symbol symbol; idx_market_data_symbol_timestamp symbol, '
         'timestamp DESC; idx_market_data_timestamp timestamp DESC'),
        ('execution.archived_trades', 'idx_archived_trades_account_id account_id, executed_at DESC; '
         'idx_archived_trades_order_id order_id'),
        ('execution.execution_logs', 'idx_execution_logs_created_at brin created_at; idx_execution_logs_trade_id trade_id WHERE trade_id IS NOT NULL'),
        ('execution.orders', 'idx_orders_account_id account_id; idx_orders_created_at created_at DESC; idx_orders_open '
         'account_id, created_at DESC WHERE status = ANY ARRAY ''pending'', ''submitted'', ''partially_filled''; '
         'idx_orders_strategy strategy; idx_orders_symbol_status symbol, status'),
        ('execution.positions', 'idx_positions_account_id account_id; idx_positions_last_updated last_updated DESC; '
         'idx_positions_symbol symbol'),
        ('execution.trades', 'idx_trades_account_id account_id; idx_trades_created_at created_at; '
         'idx_trades_executed_at executed_at DESC; '
         'idx_trades_order_id order_id; idx_trades_strategy strategy; idx_trades_strategy_executed_at strategy, '
         'executed_at DESC; idx_trades_symbol_executed_at symbol, executed_at DESC'),
        ('logging.archived_system_logs', 'idx_archived_system_logs_correlation correlation_id; idx_archived_system_logs_timestamp timestamp DESC'),
        ('logging.performance_logs', 'idx_performance_logs_operation operation; idx_performance_logs_service_timestamp '
         'service, timestamp DESC; idx_performance_logs_timestamp timestamp'),
        ('logging.system_logs', 'idx_system_logs_correlation correlation_id; idx_system_logs_created_at created_at; '
         'idx_system_logs_event_type event_type; idx_system_logs_level_timestamp level, timestamp DESC; '
         'idx_system_logs_service_timestamp service, timestamp DESC; idx_system_logs_timestamp timestamp DESC'),
        ('notification.notification_logs', 'idx_notification_logs_config_id config_id; '
         'idx_notification_logs_correlation correlation_id; idx_notification_logs_created_at created_at DESC; idx_notification_logs_unsent created_at WHERE status = '
         'ANY ARRAY ''pending'', ''failed'''),
        ('risk_management.position_limits', 'unique_position_limit UNIQUE COALESCE account_id, '''', COALESCE strategy, '''', '
         'COALESCE symbol, '''''),
        ('risk_management.risk_events', 'idx_risk_events_correlation correlation_id; idx_risk_events_occurred_at occurred_at DESC; idx_risk_events_open '
         'occurred_at DESC WHERE acknowledged_at IS NULL; idx_risk_events_risk_limit_id risk_limit_id'),
        ('risk_management.risk_limits', 'unique_risk_limit UNIQUE limit_type, COALESCE account_id, '''', COALESCE '
         'strategy, '''', COALESCE symbol, '''''),
        ('shared.alert_lives', 'idx_alert_lives_cleared_at cleared_at; one_open_life UNIQUE alert WHERE cleared_at IS NULL'),
        ('shared.audit_log', 'idx_audit_log_table_name table_name, timestamp DESC; idx_audit_log_timestamp timestamp '
         'DESC; idx_audit_log_trade left target, 100 WHERE table_name = ''execution.trades''; idx_audit_log_user_id user_id, timestamp DESC'),
        ('strategy_engine.strategy_performance', 'idx_strategy_performance_date date DESC'),
        ('strategy_engine.strategy_signals', 'idx_strategy_signals_correlation correlation_id; '
         'idx_strategy_signals_order_id order_id; idx_strategy_signals_strategy strategy, generated_at DESC; '
         'idx_strategy_signals_symbol symbol, generated_at DESC')
    ) AS tables (tab, list), unnest(string_to_array(list, '; ')) AS entry
), actual AS (
    SELECT expected.*, indisvalid, CASE WHEN indisunique THEN 'UNIQUE ' ELSE '' END
        || btrim(replace(regexp_replace(regexp_replace(regexp_replace(pg_get_indexdef(c.oid), '^.* USING (btree )?', ''),
        '::(character varying|[a-z_.]+)(\(\d+(,\d+)?\))?(\[\])?', '', 'g'), '[][()"\s]+', ' ', 'g'), ' ,',
            ',')) AS found
    FROM expected
    JOIN pg_class AS t ON t.oid = to_regclass(tab)
    LEFT JOIN (pg_class AS c JOIN pg_index ON indexrelid = c.oid) ON indrelid = t.oid AND c.relname = name
)
SELECT split_part(tab, '.', 1) || '.' || name AS object, CASE WHEN found IS NULL THEN 'is missing'
    WHEN NOT indisvalid THEN 'is invalid' ELSE format('is on %s, not %s', found, rule) END AS problem
FROM actual
WHERE found IS DISTINCT FROM rule OR NOT indisvalid
ORDER BY object
LIMIT 501;
