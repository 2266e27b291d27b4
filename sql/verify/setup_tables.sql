-- Every table is there, and belongs to its owner.
-- order: 40
-- severity: fail
-- every: 15 minutes
-- why: A service whose table is missing cannot work, and rights follow from the owner.
-- remedy: Run: tradetop setup
-- rights: none
--
-- Tables that are missing, are of another kind, or belong to another role.
SELECT name AS object, CASE WHEN relkind IS NULL THEN 'is missing'
    WHEN relkind <> kind THEN CASE kind WHEN 'p' THEN 'is not partitioned' ELSE 'is not an ordinary table' END
    ELSE format('belongs to %s, not %s', relowner::regrole, owner) END AS problem
FROM (VALUES
    ('data_ingestion.market_data', 'p'), ('data_ingestion.market_data_default', 'r'),
    ('data_ingestion.data_quality_logs', 'r'), ('data_ingestion.ingestion_status', 'r'),
    ('execution.orders', 'r'), ('execution.trades', 'r'), ('execution.positions', 'r'),
    ('execution.archived_trades', 'p'), ('execution.execution_logs', 'r'),
    ('strategy_engine.strategies', 'r'), ('strategy_engine.strategy_signals', 'r'),
    ('strategy_engine.strategy_performance', 'r'),
    ('risk_management.risk_limits', 'r'), ('risk_management.risk_events', 'r'),
    ('risk_management.position_limits', 'r'),
    ('analytics.portfolio_summary', 'r'), ('analytics.performance_metrics', 'r'), ('analytics.sync_ledger', 'r'),
    ('analytics.sync_quarantine', 'r'), ('analytics.sync_gaps', 'r'), ('analytics.sync_marks', 'r'),
    ('analytics.sync_workers', 'r'), ('analytics.sync_pairs', 'r'), ('analytics.sync_restatements', 'r'),
    ('analytics.sync_slots', 'r'), ('analytics.book_closings', 'r'), ('analytics.opening_balances', 'r'),
    ('analytics.archived_sync_ledger', 'p'), ('analytics.reports', 'r'),
    ('notification.notification_configs', 'r'), ('notification.notification_logs', 'r'), ('notification.told_alerts', 'r'),
    ('logging.system_logs', 'r'), ('logging.performance_logs', 'r'), ('logging.archived_system_logs', 'r'),
    ('shared.alert_lives', 'r'), ('shared.alert_marks', 'r'), ('shared.maintenance_runs', 'r'), ('shared.audit_log', 'r'), ('shared.system_config', 'r'), ('shared.schema_migrations', 'r')
) AS expected (name, kind)
CROSS JOIN LATERAL (SELECT CASE WHEN name LIKE 'shared.%' THEN 'tradetop_keeper'
    ELSE 'tradetop_owner' END AS owner) AS o
LEFT JOIN pg_class ON pg_class.oid = to_regclass(name)
WHERE relkind IS NULL OR relkind <> kind OR relowner IS DISTINCT FROM to_regrole(owner)
ORDER BY object;
