-- tradetop, step 3 of 4: indexes.
--
--   psql -U postgres -h HOST -p PORT -d trading_system -f sql/03_create_indexes.sql
--
-- One transaction; may be run again at any time. An existing index is not changed, and its table is not locked; an invalid
-- one (a CREATE INDEX CONCURRENTLY that failed) is created again. Creating a missing index blocks writes to its table
-- meanwhile: on a large live table create it by hand first, with the statement below and CONCURRENTLY.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
SET search_path = pg_catalog, pg_temp;
BEGIN;
DO $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('tradetop setup', 0));
    IF to_regprocedure('shared.inventory()') IS NULL OR to_regclass('execution.orders') IS NULL THEN
        RAISE EXCEPTION 'tables are missing in database "%"', current_database()
            USING ERRCODE = 'undefined_table',
                HINT = 'Run step 2 first: sql/02_create_core_tables.sql, or tradetop setup.';
    END IF;
END $$;
SET LOCAL lock_timeout = '5s';
DROP TABLE IF EXISTS pg_temp.before;
CREATE TEMP TABLE before ON COMMIT DROP AS SELECT * FROM shared.inventory() WHERE kind = 'index';

-- Takes a complete CREATE INDEX statement. The name is its third or fourth word, the table follows ON.
CREATE OR REPLACE PROCEDURE pg_temp.have_index(statement text) LANGUAGE plpgsql AS $$
DECLARE
    name text := substring(statement FROM 'INDEX (\S+) ON');
    tab text := substring(statement FROM ' ON (\S+)');
    existing regclass := to_regclass(split_part(tab, '.', 1) || '.' || name);
BEGIN
    IF (SELECT relkind NOT IN ('i', 'I') FROM pg_class WHERE oid = existing) THEN
        RAISE EXCEPTION '% is not an index, and the set-up needs an index of this name', existing
            USING ERRCODE = 'wrong_object_type', HINT = 'Rename it, and run the set-up again.';
    END IF;
    IF existing IS NOT NULL AND NOT (SELECT indisvalid FROM pg_index WHERE indexrelid = existing) THEN
        EXECUTE format('DROP INDEX %s', existing);
        existing := NULL;
    END IF;
    IF existing IS NULL THEN
        EXECUTE statement;
    END IF;
END $$;

-- @section indexes
CALL pg_temp.have_index(
    'CREATE INDEX idx_market_data_symbol_timestamp ON data_ingestion.market_data (symbol, timestamp DESC)');
CALL pg_temp.have_index('CREATE INDEX idx_market_data_timestamp ON data_ingestion.market_data (timestamp DESC)');
CALL pg_temp.have_index('CREATE INDEX idx_market_data_symbol ON data_ingestion.market_data (symbol)');
CALL pg_temp.have_index(
    'CREATE INDEX idx_data_quality_logs_timestamp ON data_ingestion.data_quality_logs (timestamp DESC)');
CALL pg_temp.have_index(
    'CREATE INDEX idx_data_quality_logs_symbol ON data_ingestion.data_quality_logs (symbol, timestamp DESC)');
-- The open findings, few among the many that were mended: for the consoles, the check, and to close them.
CALL pg_temp.have_index($$CREATE INDEX idx_data_quality_logs_open ON data_ingestion.data_quality_logs (timestamp DESC)
    WHERE resolved_at IS NULL$$);

CALL pg_temp.have_index('CREATE INDEX idx_orders_symbol_status ON execution.orders (symbol, status)');
CALL pg_temp.have_index('CREATE INDEX idx_orders_strategy ON execution.orders (strategy)');
CALL pg_temp.have_index('CREATE INDEX idx_orders_created_at ON execution.orders (created_at DESC)');
CALL pg_temp.have_index('CREATE INDEX idx_orders_account_id ON execution.orders (account_id)');
-- An account's open orders, and all open orders: few among the many finished ones.
CALL pg_temp.have_index($$CREATE INDEX idx_orders_open ON execution.orders (account_id, created_at DESC)
    WHERE status IN ('pending', 'submitted', 'partially_filled')$$);

CALL pg_temp.have_index('CREATE INDEX idx_trades_symbol_executed_at ON execution.trades (symbol, executed_at DESC)');
CALL pg_temp.have_index('CREATE INDEX idx_trades_strategy ON execution.trades (strategy)');
CALL pg_temp.have_index('CREATE INDEX idx_trades_account_id ON execution.trades (account_id)');
-- A strategy's day; the fills of an order (the foreign key's side); the newest trades, for the tape and for backfill.
CALL pg_temp.have_index(
    'CREATE INDEX idx_trades_strategy_executed_at ON execution.trades (strategy, executed_at DESC)');
CALL pg_temp.have_index('CREATE INDEX idx_trades_order_id ON execution.trades (order_id)');
CALL pg_temp.have_index('CREATE INDEX idx_trades_executed_at ON execution.trades (executed_at DESC)');
-- For the synchroniser's search for missing trades.
CALL pg_temp.have_index('CREATE INDEX idx_trades_created_at ON execution.trades (created_at)');

-- What was written of late, for the checks and for retention: rows come in the order of that time. An order's own are found by
-- its key.
CALL pg_temp.have_index(
    'CREATE INDEX idx_execution_logs_created_at ON execution.execution_logs USING brin (created_at)');
-- The order of a trade that has no row any more.
CALL pg_temp.have_index($$CREATE INDEX idx_execution_logs_trade_id ON execution.execution_logs (trade_id)
    WHERE trade_id IS NOT NULL$$);

-- An account's trades; the fills of an order. Closed trades are found by their keys.
CALL pg_temp.have_index(
    'CREATE INDEX idx_archived_trades_account_id ON execution.archived_trades (account_id, executed_at DESC)');
CALL pg_temp.have_index('CREATE INDEX idx_archived_trades_order_id ON execution.archived_trades (order_id)');

CALL pg_temp.have_index('CREATE INDEX idx_positions_account_id ON execution.positions (account_id)');
CALL pg_temp.have_index('CREATE INDEX idx_positions_symbol ON execution.positions (symbol)');
CALL pg_temp.have_index('CREATE INDEX idx_positions_last_updated ON execution.positions (last_updated DESC)');

CALL pg_temp.have_index(
    'CREATE INDEX idx_strategy_signals_strategy ON strategy_engine.strategy_signals (strategy, generated_at DESC)');
CALL pg_temp.have_index(
    'CREATE INDEX idx_strategy_signals_symbol ON strategy_engine.strategy_signals (symbol, generated_at DESC)');
-- The signal that an order came of, and what belongs to a correlation id.
CALL pg_temp.have_index('CREATE INDEX idx_strategy_signals_order_id ON strategy_engine.strategy_signals (order_id)');
CALL pg_temp.have_index(
    'CREATE INDEX idx_strategy_signals_correlation ON strategy_engine.strategy_signals (correlation_id)');
CALL pg_temp.have_index(
    'CREATE INDEX idx_strategy_performance_date ON strategy_engine.strategy_performance (date DESC)');

-- One limit of each type for the same account, strategy and symbol; null (all) counts as a value.
CALL pg_temp.have_index($$CREATE UNIQUE INDEX unique_risk_limit ON risk_management.risk_limits
    (limit_type, COALESCE(account_id, ''), COALESCE(strategy, ''), COALESCE(symbol, ''))$$);
CALL pg_temp.have_index($$CREATE UNIQUE INDEX unique_position_limit ON risk_management.position_limits
    (COALESCE(account_id, ''), COALESCE(strategy, ''), COALESCE(symbol, ''))$$);
CALL pg_temp.have_index('CREATE INDEX idx_risk_events_occurred_at ON risk_management.risk_events (occurred_at DESC)');
CALL pg_temp.have_index('CREATE INDEX idx_risk_events_risk_limit_id ON risk_management.risk_events (risk_limit_id)');
-- The risk events of an order or trade.
CALL pg_temp.have_index('CREATE INDEX idx_risk_events_correlation ON risk_management.risk_events (correlation_id)');
CALL pg_temp.have_index(
    'CREATE INDEX idx_risk_events_open ON risk_management.risk_events (occurred_at DESC) WHERE acknowledged_at IS NULL');

CALL pg_temp.have_index('CREATE INDEX idx_portfolio_summary_symbol ON analytics.portfolio_summary (symbol)');
CALL pg_temp.have_index('CREATE INDEX idx_performance_metrics_date ON analytics.performance_metrics (date DESC)');
-- An account's trades of a symbol in order of execution; a strategy's days; what was applied of late; entries whose row was
-- not seen yet.
CALL pg_temp.have_index($$CREATE INDEX idx_sync_ledger_execution ON analytics.sync_ledger
    (account_id, symbol, executed_at, trade_id COLLATE "C")$$);
CALL pg_temp.have_index('CREATE INDEX idx_sync_ledger_strategy ON analytics.sync_ledger (strategy, trade_date)');
CALL pg_temp.have_index('CREATE INDEX idx_sync_ledger_applied_at ON analytics.sync_ledger USING brin (applied_at)');
CALL pg_temp.have_index('CREATE INDEX idx_sync_ledger_rowless ON analytics.sync_ledger (applied_at) WHERE row_id IS NULL');
CALL pg_temp.have_index('CREATE INDEX idx_sync_restatements_trade_id ON analytics.sync_restatements (trade_id)');
CALL pg_temp.have_index('CREATE INDEX idx_sync_restatements_restated_at ON analytics.sync_restatements (restated_at DESC)');
CALL pg_temp.have_index('CREATE INDEX idx_sync_gaps_open ON analytics.sync_gaps (id) WHERE filled_at IS NULL');
-- The gaps around a time; every event of a trade that was set aside, whatever it contradicts.
CALL pg_temp.have_index('CREATE INDEX idx_sync_gaps_ended_at ON analytics.sync_gaps (ended_at)');
CALL pg_temp.have_index($$CREATE INDEX idx_sync_quarantine_trade ON analytics.sync_quarantine ((event->>'key'))
    WHERE kind = 'trades'$$);
CALL pg_temp.have_index(
    'CREATE INDEX idx_sync_quarantine_open ON analytics.sync_quarantine (id) WHERE resolved_at IS NULL');

-- The reports of a span, in the order of their versions.
CALL pg_temp.have_index('CREATE INDEX idx_reports_from_at ON analytics.reports (from_at, to_at, id)');

CALL pg_temp.have_index(
    'CREATE INDEX idx_notification_logs_created_at ON notification.notification_logs (created_at DESC)');
-- What was told of an order or trade.
CALL pg_temp.have_index(
    'CREATE INDEX idx_notification_logs_correlation ON notification.notification_logs (correlation_id)');
CALL pg_temp.have_index('CREATE INDEX idx_notification_logs_config_id ON notification.notification_logs (config_id)');
CALL pg_temp.have_index($$CREATE INDEX idx_notification_logs_unsent ON notification.notification_logs (created_at)
    WHERE status IN ('pending', 'failed')$$);

CALL pg_temp.have_index('CREATE INDEX idx_system_logs_timestamp ON logging.system_logs (timestamp DESC)');
CALL pg_temp.have_index(
    'CREATE INDEX idx_system_logs_service_timestamp ON logging.system_logs (service, timestamp DESC)');
CALL pg_temp.have_index('CREATE INDEX idx_system_logs_level_timestamp ON logging.system_logs (level, timestamp DESC)');
CALL pg_temp.have_index('CREATE INDEX idx_system_logs_correlation ON logging.system_logs (correlation_id)');
CALL pg_temp.have_index('CREATE INDEX idx_system_logs_event_type ON logging.system_logs (event_type)');
-- Archiving starts with the oldest, by the time of writing.
CALL pg_temp.have_index('CREATE INDEX idx_system_logs_created_at ON logging.system_logs (created_at)');
CALL pg_temp.have_index(
    'CREATE INDEX idx_archived_system_logs_timestamp ON logging.archived_system_logs (timestamp DESC)');
CALL pg_temp.have_index(
    'CREATE INDEX idx_archived_system_logs_correlation ON logging.archived_system_logs (correlation_id)');
CALL pg_temp.have_index(
    'CREATE INDEX idx_performance_logs_service_timestamp ON logging.performance_logs (service, timestamp DESC)');
CALL pg_temp.have_index('CREATE INDEX idx_performance_logs_timestamp ON logging.performance_logs (timestamp)');
CALL pg_temp.have_index('CREATE INDEX idx_performance_logs_operation ON logging.performance_logs (operation)');

CALL pg_temp.have_index('CREATE INDEX idx_audit_log_timestamp ON shared.audit_log (timestamp DESC)');
CALL pg_temp.have_index('CREATE INDEX idx_audit_log_user_id ON shared.audit_log (user_id, timestamp DESC)');
CALL pg_temp.have_index('CREATE INDEX idx_audit_log_table_name ON shared.audit_log (table_name, timestamp DESC)');
-- What was done to a trade. A key is at most 100 characters; a target has no limit, and an index entry has one.
CALL pg_temp.have_index($$CREATE INDEX idx_audit_log_trade ON shared.audit_log (left(target, 100))
    WHERE table_name = 'execution.trades'$$);

-- An alert stands once; those that stood in a span.
CALL pg_temp.have_index('CREATE UNIQUE INDEX one_open_life ON shared.alert_lives (alert) WHERE cleared_at IS NULL');
CALL pg_temp.have_index('CREATE INDEX idx_alert_lives_cleared_at ON shared.alert_lives (cleared_at)');

-- @section always
SELECT 'index' AS what, COALESCE(now.object, before.object) AS object,
    CASE WHEN before.definition = now.definition THEN 'already there'
        WHEN before.definition IS NULL THEN 'created' ELSE 'made anew' END AS result
FROM (SELECT * FROM shared.inventory() WHERE kind = 'index') AS now FULL JOIN pg_temp.before USING (object)
ORDER BY 2;
COMMIT;
