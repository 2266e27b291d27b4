-- Every column is there, with its type.
-- order: 50
-- severity: fail
-- every: 15 minutes
-- why: Another type can lose digits or refuse values.
-- remedy: Run: tradetop setup (adds what is missing). Change a wrong type by ALTER TABLE … ALTER COLUMN … TYPE.
-- rights: none
--
-- A type that ends in "!" is NOT NULL.
WITH expected AS (
    SELECT split_part(entry, ' ', 1) AS name, rtrim(substr(entry, strpos(entry, ' ') + 1), '!') AS type,
        entry LIKE '%!' AS required, tab
    FROM (VALUES
        ('analytics.performance_metrics', 'id bigint!; strategy varchar(100)!; date date!; total_trades bigint!; win_sum '
         'numeric(30,10)!; win_count bigint!; win_rate numeric; total_value numeric(38,4)!; realized_pnl numeric(38,4)!; '
         'last_updated timestamptz; created_at timestamptz'),
        ('analytics.portfolio_summary', 'id bigint!; account_id varchar(50)!; symbol varchar(20)!; total_value '
         'numeric(38,4)!; realized_pnl numeric(38,4)!; total_trades bigint!; quantity numeric(15,4); avg_price '
         'numeric(15,4); market_value numeric(30,4); unrealized_pnl numeric(30,4); last_price numeric(15,4); last_price_at '
         'timestamptz; position_at timestamptz; last_updated timestamptz; created_at timestamptz'),
        ('data_ingestion.data_quality_logs', 'id bigint!; timestamp timestamptz!; symbol varchar(20); source varchar(100); '
         'check_name varchar(100)!; severity varchar(10)!; bar_timestamp timestamptz; expected text; actual text; message '
         'text!; resolved_at timestamptz; created_at timestamptz; level varchar(10); row_key varchar(300); resolved_by varchar(100); occurrences integer!'),
        ('data_ingestion.market_data', 'id bigint!; symbol varchar(20)!; timestamp timestamptz!; open numeric(15,4); high '
         'numeric(15,4); low numeric(15,4); close numeric(15,4); volume bigint; created_at timestamptz'),
        ('execution.orders', 'id bigint!; order_id varchar(100)!; account_id varchar(50)!; symbol varchar(20)!; side '
         'execution.order_side!; order_type execution.order_type!; quantity numeric(15,4)!; price numeric(15,4); stop_price '
         'numeric(15,4); time_in_force execution.time_in_force; status execution.order_status!; strategy varchar(100); '
         'session_id varchar(100); created_at timestamptz; updated_at timestamptz; version integer!'),
        ('execution.positions', 'id bigint!; account_id varchar(50)!; symbol varchar(20)!; quantity numeric(15,4)!; '
         'avg_price numeric(15,4)!; market_value numeric(15,4); unrealized_pnl numeric(15,4); realized_pnl numeric(15,4); '
         'last_updated timestamptz; created_at timestamptz; last_price numeric(15,4); last_price_at timestamptz; version '
         'integer!'),
        ('execution.trades', 'id bigint!; trade_id varchar(100)!; order_id varchar(100); account_id varchar(50)!; symbol '
         'varchar(20)!; quantity numeric(15,4)!; price numeric(15,4)!; commission numeric(10,4); executed_at timestamptz!; '
         'settlement_date date; strategy varchar(100); trade_type varchar(20); created_at timestamptz!; side '
         'execution.order_side; total_value numeric(30,4); realized_pnl numeric(30,4); win_rate numeric(20,10)'),
        ('logging.archived_system_logs', 'id bigint!; timestamp timestamptz!; service varchar(50)!; level varchar(10)!; '
         'event_type varchar(100); message text!; correlation_id varchar(100); context jsonb; created_at timestamptz!; '
         'archived_at timestamptz!'),
        ('logging.performance_logs', 'id bigint!; timestamp timestamptz!; service varchar(50)!; operation varchar(100)!; '
         'duration_ms numeric(15,3); avg_query_time numeric(15,6); total_queries bigint; slow_query_count bigint; '
         'correlation_id varchar(100); details jsonb; created_at timestamptz!'),
        ('logging.system_logs', 'id bigint!; timestamp timestamptz!; service varchar(50)!; level varchar(10)!; event_type '
         'varchar(100); message text!; correlation_id varchar(100); context jsonb; created_at timestamptz!'),
        ('notification.notification_configs', 'id bigint!; name varchar(100)!; channel varchar(20)!; target varchar(300); '
         'event_types text[]!; min_severity varchar(10)!; enabled boolean!; secret bytea; secret_key_id varchar(64); version '
         'integer!; created_at timestamptz; updated_at timestamptz'),
        ('notification.notification_logs', 'id bigint!; config_id bigint; channel varchar(20)!; event_type varchar(100)!; '
         'severity varchar(10)!; subject text!; body text; status varchar(12)!; attempts integer!; error text; '
         'correlation_id varchar(100); created_at timestamptz!; sent_at timestamptz; tries jsonb!'),
        ('risk_management.risk_events', 'id bigint!; risk_limit_id bigint; event_type varchar(50)!; severity varchar(10)!; '
         'account_id varchar(50); strategy varchar(100); symbol varchar(20); observed_value numeric(20,4); limit_value '
         'numeric(20,4); message text!; correlation_id varchar(100); occurred_at timestamptz!; acknowledged_at timestamptz; '
         'acknowledged_by varchar(100); resolved_at timestamptz; version integer!; created_at timestamptz; updated_at '
         'timestamptz'),
        ('risk_management.risk_limits', 'id bigint!; limit_type varchar(50)!; account_id varchar(50); strategy varchar(100); '
         'symbol varchar(20); limit_value numeric(20,4)!; warn_fraction numeric(5,4)!; enabled boolean!; updated_by '
         'varchar(100); version integer!; created_at timestamptz; updated_at timestamptz'),
        ('shared.alert_marks', 'alert text!; acknowledged_at timestamptz; acknowledged_by varchar(100); note text; muted_at '
         'timestamptz; muted_minutes integer; muted_by varchar(100); updated_by varchar(100); version integer!; created_at '
         'timestamptz; updated_at timestamptz'),
        ('shared.audit_log', 'id bigint!; timestamp timestamptz!; user_id varchar(100)!; operation varchar(50)!; table_name '
         'varchar(200); target text; statement text; rows bigint; duration_ms numeric(15,3); result varchar(20); detail '
         'jsonb; correlation_id varchar(100); db_user text!; os_user text; client text; application text; client_addr inet; '
         'backend_pid integer'), ('shared.maintenance_runs', 'job varchar(50)!; due_at timestamptz!; start_by timestamptz!; '
         'stop_at timestamptz!; host varchar(200); started_at timestamptz; ended_at timestamptz; outcome varchar(12); detail text'),
        ('shared.schema_migrations', 'version integer!; name text!; checksum text!; applied_at timestamptz!; applied_by text!'),
        ('shared.system_config', 'id bigint!; key varchar(100)!; value jsonb!; description text; updated_by varchar(100); '
         'version integer!; created_at timestamptz; updated_at timestamptz'), ('strategy_engine.strategies', 'id bigint!; name '
         'varchar(100)!; description text; status varchar(20)!; parameters jsonb!; version integer!; created_at timestamptz; updated_at timestamptz'),
        ('strategy_engine.strategy_performance', 'id bigint!; strategy varchar(100)!; date date!; signals integer!; '
         'total_trades integer!; winning_trades integer!; realized_pnl numeric(20,4)!; max_drawdown numeric(20,4); '
         'sharpe_ratio numeric(12,6); updated_at timestamptz; created_at timestamptz'),
        ('strategy_engine.strategy_signals', 'id bigint!; strategy varchar(100)!; symbol varchar(20)!; signal varchar(10)!; '
         'strength numeric(9,6); price numeric(15,4); quantity numeric(15,4); order_id varchar(100); generated_at '
         'timestamptz!; expires_at timestamptz; correlation_id varchar(100); details jsonb; created_at timestamptz')
    ) AS tables (tab, list), unnest(string_to_array(list, '; ')) AS entry
), actual AS (
    SELECT to_regclass(tab) AS rel, expected.*, attnotnull, replace(replace(format_type(atttypid, atttypmod),
        'character varying', 'varchar'), 'timestamp with time zone', 'timestamptz') AS found
    FROM expected LEFT JOIN pg_attribute ON attrelid = to_regclass(tab) AND attname = name AND NOT attisdropped
)
SELECT tab || '.' || name AS object, CASE WHEN found IS NULL THEN 'is missing'
    WHEN found <> type THEN format('is %s, not %s', found, type)
    WHEN required THEN 'may be null' ELSE 'may not be null' END AS problem
FROM actual
WHERE rel IS NOT NULL AND (found IS DISTINCT FROM type OR attnotnull <> required)
ORDER BY object LIMIT 501;
