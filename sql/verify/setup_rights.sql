-- Every role has its rights on tables, and no others.
-- order: 150
-- severity: fail
-- every: 15 minutes
-- why: A missing right stops a service; an excess right lets it damage what is not its own.
-- remedy: Run: tradetop setup. Take an excess right away: REVOKE … ON … FROM …;
-- rights: none
--
-- r SELECT, a INSERT, w UPDATE, d DELETE, D TRUNCATE; a right that is not listed is an excess right. Column rights are
-- not checked.
WITH wanted AS (
    SELECT role, 'data_ingestion.' || tab AS tab, rights FROM (VALUES
        ('svc_data_ingestion', 'market_data', 'arwd'), ('svc_data_ingestion', 'data_quality_logs', 'arwd'),
        ('svc_data_ingestion', 'ingestion_status', 'arwd'), ('svc_analytics', 'ingestion_status', 'r'),
        ('svc_strategy_engine', 'market_data', 'r'), ('svc_execution', 'market_data', 'r'), ('trading_app', 'market_data', 'r'),
        ('svc_risk_management', 'market_data', 'r'), ('svc_analytics', 'market_data', 'r'),
        ('tradetop_sync', 'market_data', 'r'), ('tradetop_sync', 'data_quality_logs', 'arw'), ('svc_analytics', 'data_quality_logs', 'r')) AS l (role, tab, rights)
    UNION ALL
    SELECT role, 'execution.' || tab, translate(rights,
        CASE WHEN tab IN ('trades', 'execution_logs') THEN 'wd' WHEN tab = 'archived_trades' THEN 'awd' ELSE '' END, '')
    FROM unnest('{orders,trades,positions,archived_trades,execution_logs}'::text[]) AS tab, (VALUES
        ('svc_execution', 'arwd'), ('trading_app', 'arwd'), ('svc_strategy_engine', 'r'), ('svc_risk_management', 'r'),
        ('svc_analytics', 'r'), ('tradetop_sync', 'r')) AS l (role, rights)
    UNION ALL
    SELECT 'tradetop_operator', 'analytics.' || tab, 'awd' FROM unnest('{sync_ledger,sync_pairs,sync_restatements,sync_quarantine,sync_marks,portfolio_summary,performance_metrics}'::text[]) AS tab
    UNION ALL
    SELECT 'tradetop_operator', tab, rights FROM (VALUES ('execution.trades', 'd'), ('execution.archived_trades', 'a'),
        ('analytics.archived_sync_ledger', 'a'), ('analytics.book_closings', 'a'), ('analytics.opening_balances', 'a'),
        ('shared.alert_marks', 'awd'), ('shared.maintenance_runs', 'awd'), ('data_ingestion.data_quality_logs', 'd'), ('analytics.reports', 'a'), ('shared.alert_lives', 'awd')) AS l (tab, rights)
    UNION ALL
    SELECT role, tab, rights FROM (VALUES ('svc_analytics', 'analytics.reports', 'ra'), ('tradetop_sync', 'shared.alert_lives', 'raw'),
        ('svc_notification', 'shared.alert_lives', 'raw'), ('svc_risk_management', 'analytics.portfolio_summary', 'r')) AS l (role, tab, rights)
    UNION ALL
    SELECT role, 'strategy_engine.' || tab, rights FROM (VALUES
        ('svc_strategy_engine', 'strategies', 'arwd'), ('svc_strategy_engine', 'strategy_signals', 'arwd'),
        ('svc_strategy_engine', 'strategy_performance', 'arwd'), ('svc_execution', 'strategies', 'r'),
        ('svc_execution', 'strategy_signals', 'r'), ('svc_risk_management', 'strategies', 'r'),
        ('svc_analytics', 'strategies', 'r'), ('svc_analytics', 'strategy_performance', 'r'),
        ('trading_app', 'strategies', 'r')) AS l (role, tab, rights)
    UNION ALL
    SELECT role, 'risk_management.' || tab, rights FROM (VALUES
        ('svc_risk_management', 'risk_limits', 'arwd'), ('svc_risk_management', 'risk_events', 'arwd'),
        ('svc_risk_management', 'position_limits', 'arwd'), ('svc_execution', 'position_limits', 'r'), ('tradetop_sync', 'position_limits',
        'r'), ('tradetop_sync', 'risk_events', 'r'), ('tradetop_sync', 'risk_limits', 'r'), ('svc_execution', 'risk_limits', 'r'), ('svc_notification', 'risk_events', 'r')) AS l (role, tab, rights)
    UNION ALL
    SELECT role, 'analytics.' || tab, CASE WHEN tab ~ '^(archived|book|opening)_' THEN 'r' ELSE 'arwd' END
    FROM unnest('{svc_analytics,tradetop_sync}'::text[]) AS role, unnest('{portfolio_summary,performance_metrics,'
        'sync_ledger,sync_quarantine,sync_gaps,sync_marks,sync_workers,sync_pairs,sync_restatements,sync_slots,'
        'archived_sync_ledger,book_closings,opening_balances}'::text[]) AS tab
    UNION ALL
    SELECT role, 'notification.' || tab, rights FROM (VALUES
        ('svc_notification', 'notification_configs', 'arwd'), ('svc_notification', 'notification_logs', 'arwd'), ('svc_notification', 'told_alerts', 'arwd'),
        ('tradetop_monitor', 'notification_logs', 'r'), ('tradetop_operator', 'notification_logs', 'rd')) AS l (role, tab, rights)
    UNION ALL
    SELECT role, 'logging.' || tab, rights FROM (VALUES
        ('svc_logging', 'system_logs', 'arwd'), ('svc_logging', 'performance_logs', 'arwd'),
        ('svc_logging', 'archived_system_logs', 'arwd'), ('svc_notification', 'system_logs', 'ar'), ('tradetop_operator',
        'system_logs', 'arwd'), ('tradetop_operator', 'archived_system_logs', 'ard'), ('tradetop_operator', 'performance_logs', 'rd')) AS l (role, tab, rights)
    UNION ALL
    SELECT member, 'logging.' || tab, 'a' FROM unnest('{system_logs,performance_logs}'::text[]) AS tab, unnest(
        '{svc_data_ingestion,svc_strategy_engine,svc_execution,svc_risk_management,svc_analytics,'
        'svc_notification,tradetop_sync}'::text[]) AS member
    UNION ALL
    SELECT member, 'shared.system_config', 'r' FROM unnest('{svc_data_ingestion,svc_strategy_engine,svc_execution,'
        'svc_risk_management,svc_analytics,svc_notification,svc_logging,tradetop_sync}'::text[]) AS member
    UNION ALL
    SELECT watcher, tab, 'r' FROM unnest('{tradetop_monitor,tradetop_operator}'::text[]) AS watcher, unnest(
        '{data_ingestion.market_data,data_ingestion.data_quality_logs,data_ingestion.ingestion_status,execution.orders,execution.trades,'
        'execution.positions,strategy_engine.strategies,strategy_engine.strategy_signals,'
        'strategy_engine.strategy_performance,risk_management.risk_limits,risk_management.risk_events,risk_management.position_limits,'
        'analytics.portfolio_summary,analytics.performance_metrics,analytics.sync_ledger,analytics.sync_quarantine,'
        'analytics.sync_gaps,analytics.sync_marks,analytics.sync_workers,analytics.sync_pairs,'
        'analytics.sync_restatements,analytics.sync_slots,execution.archived_trades,execution.execution_logs,analytics.archived_sync_ledger,'
        'analytics.book_closings,analytics.opening_balances,logging.system_logs,logging.performance_logs,'
        'logging.archived_system_logs,analytics.reports,shared.alert_lives,shared.alert_marks,shared.maintenance_runs,shared.audit_log,shared.system_config,shared.schema_migrations}'::text[]) AS tab
)
SELECT rolname || ' on ' || tab AS object,
    CASE WHEN has THEN 'has a right that it must not have: ' ELSE 'lacks the right to ' END || privilege AS problem
FROM (SELECT DISTINCT tab FROM wanted) AS tables
JOIN pg_class ON pg_class.oid = to_regclass(tab)
CROSS JOIN pg_roles
CROSS JOIN (VALUES ('r', 'SELECT'), ('a', 'INSERT'), ('w', 'UPDATE'), ('d', 'DELETE'), ('D', 'TRUNCATE'))
    AS privileges (letter, privilege)
CROSS JOIN LATERAL has_table_privilege(pg_roles.oid, pg_class.oid, privilege) AS has
WHERE rolname IN (SELECT role FROM wanted)
    AND has <> EXISTS (SELECT FROM wanted WHERE role = rolname AND wanted.tab = tables.tab
        AND strpos(rights, letter) > 0)
ORDER BY object, problem
LIMIT 501;
