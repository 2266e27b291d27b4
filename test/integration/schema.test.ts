import pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {cloneDesk} from '../helpers/desk.ts';
import type {Database} from '../helpers/servers.ts';

let db: Database;
let client: pg.Client;
beforeAll(async () => {
  db = await cloneDesk();
  client = new pg.Client(db.config);
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await db?.drop();
});

const column = async (text: string, values: readonly unknown[] = []): Promise<readonly unknown[]> =>
  (await client.query({text, values: [...values], rowMode: 'array'})).rows.map(row => row[0]);

describe('the schema of the trading database', () => {
  it('has every table of the architecture review, in its service’s schema', async () => {
    const tables = await column(
      `SELECT table_schema || '.' || table_name FROM information_schema.tables
       WHERE table_type = 'BASE TABLE' AND table_schema IN ('data_ingestion', 'execution', 'strategy_engine', 'risk_management', 'analytics',
         'notification', 'logging', 'shared') AND table_name !~ '_(20|default)' ORDER BY 1`,
    );
    expect(tables).toEqual([
      'analytics.performance_metrics',
      'analytics.portfolio_summary',
      'data_ingestion.data_quality_logs',
      'data_ingestion.market_data',
      'execution.orders',
      'execution.positions',
      'execution.trades',
      'logging.archived_system_logs',
      'logging.performance_logs',
      'logging.system_logs',
      'notification.notification_configs',
      'notification.notification_logs',
      'risk_management.risk_events',
      'risk_management.risk_limits',
      'shared.audit_log',
      'shared.schema_migrations',
      'shared.system_config',
      'strategy_engine.strategies',
      'strategy_engine.strategy_performance',
      'strategy_engine.strategy_signals',
    ]);
  });
});
