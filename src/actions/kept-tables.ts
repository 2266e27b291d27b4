const BOOKS = 'the books: maintain close-books moves closed months into the archive, and deletes nothing';
const STATE = 'it has one row for each thing that there is now';
const SETTING = 'its rows are settings, which stay until somebody changes them';

/**
 * Why the rows of a table are not deleted by their age, for each table without a retention. A test compares the list with the
 * catalogue.
 */
export const KEPT: Readonly<Record<string, string>> = {
  'data_ingestion.ingestion_status': STATE,
  'execution.orders': 'the books: fills, and the lives of orders, refer to them',
  'execution.trades': BOOKS,
  'execution.execution_logs':
    'the record of what became of each order, which a trace and an audit go by: it is kept as the orders are',
  'execution.positions': STATE,
  'strategy_engine.strategies': SETTING,
  'strategy_engine.strategy_signals': 'why orders were sent: it is kept as the orders are',
  'strategy_engine.strategy_performance': 'one row a strategy and day, which reports compare',
  'risk_management.risk_limits': SETTING,
  'risk_management.position_limits': SETTING,
  'risk_management.risk_events': 'the record of breaches and of who acknowledged them, which an audit goes by',
  'analytics.portfolio_summary': STATE,
  'analytics.performance_metrics': 'one row a strategy and day, which reports compare',
  'analytics.sync_ledger': BOOKS,
  'analytics.sync_pairs': STATE,
  'analytics.book_closings': 'the books: what was closed, when and by whom',
  'analytics.opening_balances': 'the books: what closed months come to',
  'analytics.sync_restatements': 'the record of changed figures, which an audit goes by',
  'analytics.sync_quarantine': 'events that the books lack, and what was decided over each',
  'analytics.sync_gaps': 'spans in which events may have been missed, which prove that the books are whole; few',
  'analytics.sync_marks': STATE,
  'analytics.sync_slots': STATE,
  'analytics.sync_workers': 'it has one row for each name of a worker',
  'analytics.reports':
    'reports as they were given to people, which later figures are compared with; one a day and kind',
  'notification.notification_configs': SETTING,
  'notification.told_alerts': STATE,
  'shared.audit_log': 'it is append-only: its records are evidence',
  'shared.system_config': SETTING,
  'shared.alert_marks': STATE,
  'shared.schema_migrations': 'what was done to the database; a few rows',
};
