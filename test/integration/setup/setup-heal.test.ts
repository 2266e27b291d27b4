import fc from 'fast-check';
import pg from 'pg';
import {afterAll, describe, expect, it} from 'vitest';
import {UserError} from '../../../src/core/errors.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {type SetupOptions, type StepReport, setUp} from '../../../src/setup/setup.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import type {Database} from '../../helpers/servers/servers.ts';

const sql = loadSql();
const made: Database[] = [];
afterAll(async () => {
  for (const db of made) await db.drop();
});
const desk = async (): Promise<Database> => {
  const db = await cloneDesk();
  made.push(db);
  return db;
};
const again = (db: Database, options: Partial<SetupOptions> = {}): Promise<readonly StepReport[]> =>
  setUp({
    trading: targetOf(db),
    prefect: {database: 'prefect', owner: 'prefect'},
    sql,
    only: ['databases', 'roles', 'tables', 'indexes'],
    ...options,
  });
async function using<T>(db: Database, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(db.config);
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
/** The inventory without the position of columns: one that is created again cannot get its old one. */
const inventory = (db: Database): Promise<readonly unknown[]> =>
  using(db, async c => (await c.query('SELECT * FROM shared.inventory() ORDER BY 1, 2, 3, 4')).rows);

/** What could be missing in an incomplete or a damaged database. */
const DAMAGES = [
  'DROP TABLE execution.trades CASCADE',
  'DROP TABLE execution.orders CASCADE',
  'DROP TABLE shared.audit_log CASCADE',
  'DROP TABLE shared.schema_migrations',
  'DROP TABLE data_ingestion.market_data CASCADE',
  'DROP TABLE data_ingestion.market_data_default',
  'DROP TABLE strategy_engine.strategies CASCADE',
  'DROP SCHEMA notification CASCADE',
  'DROP SCHEMA risk_management CASCADE',
  'DROP SCHEMA shared CASCADE',
  'DROP TYPE execution.order_side CASCADE',
  'ALTER TABLE execution.orders DROP COLUMN version',
  'ALTER TABLE execution.positions DROP COLUMN last_price',
  'ALTER TABLE logging.system_logs DROP COLUMN correlation_id',
  'ALTER TABLE analytics.performance_metrics DROP COLUMN win_rate',
  'ALTER TABLE execution.trades DROP CONSTRAINT positive_price',
  'ALTER TABLE execution.trades DROP CONSTRAINT trades_order_id_fkey',
  'ALTER TABLE execution.positions DROP CONSTRAINT unique_account_symbol',
  'ALTER TABLE logging.archived_system_logs DROP CONSTRAINT archived_system_logs_pkey',
  'ALTER TABLE data_ingestion.market_data DROP CONSTRAINT valid_ohlc',
  'ALTER TABLE data_ingestion.market_data DROP CONSTRAINT unique_symbol_timestamp',
  'ALTER TABLE execution.orders ALTER COLUMN symbol DROP NOT NULL',
  'ALTER TABLE execution.orders ALTER COLUMN status DROP DEFAULT, ALTER COLUMN time_in_force DROP DEFAULT',
  'DROP INDEX execution.idx_orders_open',
  'DROP INDEX data_ingestion.idx_market_data_timestamp',
  "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'logging.idx_system_logs_timestamp'::regclass",
  'ALTER TABLE execution.orders DISABLE ROW LEVEL SECURITY',
  'DROP POLICY trades_account_policy ON execution.trades',
  'ALTER POLICY positions_account_policy ON execution.positions USING (true)',
  'DROP TRIGGER audit_log_append_only ON shared.audit_log',
  'ALTER TABLE shared.audit_log DISABLE TRIGGER audit_log_append_only',
  'DROP FUNCTION shared.create_monthly_partition(text, date)',
  "CREATE OR REPLACE FUNCTION shared.refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
  'DROP FUNCTION shared.inventory()',
  'REVOKE ALL ON ALL TABLES IN SCHEMA execution FROM svc_execution',
  'REVOKE INSERT (user_id) ON shared.audit_log FROM tradetop_services',
  'REVOKE USAGE ON SCHEMA analytics FROM tradetop_sync',
  'GRANT EXECUTE ON FUNCTION shared.detach_old_partitions(integer, text) TO PUBLIC',
  'ALTER TABLE execution.positions OWNER TO postgres',
  'ALTER FUNCTION shared.create_monthly_partition(text, date) OWNER TO postgres',
  'ALTER SCHEMA shared OWNER TO postgres',
  'COMMENT ON TABLE execution.trades IS NULL',
  "COMMENT ON COLUMN execution.trades.commission IS 'whatever'",
  'COMMENT ON TYPE execution.order_status IS NULL',
  'DROP EXTENSION pgcrypto',
] as const;

describe('an incomplete database', () => {
  it('is completed whatever is missing, and loses no row', {timeout: 300_000}, async () => {
    const right = await inventory(await desk());
    await fc.assert(
      fc.asyncProperty(fc.subarray([...DAMAGES], {minLength: 1, maxLength: 14}), async damages => {
        const db = await desk();
        await using(db, async client => {
          await client.query(`INSERT INTO logging.performance_logs (service, operation) VALUES ('s', 'kept')`);
          for (const damage of damages) {
            // One damage may have removed the object of the next.
            await client.query(damage).catch((e: {code?: string}) => {
              if (!/^(42|3F|2B)/.test(e.code ?? '')) throw e;
            });
          }
        });
        await again(db);
        expect(await inventory(db)).toEqual(right);
        const kept = await using(db, c => c.query('SELECT service FROM logging.performance_logs'));
        expect(kept.rows).toEqual([{service: 's'}]);
        await db.drop();
      }),
      {numRuns: 6, interruptAfterTimeLimit: 120_000},
    );
  });

  it.each([0, 1, 2, 3, 4])('is completed after each of these, with a report (%i)', {timeout: 60_000}, async batch => {
    const db = await desk();
    const right = await inventory(db);
    // The smaller damages first: a missing table cannot lose a constraint.
    const damages = DAMAGES.filter((_, n) => n % 5 === batch).toReversed();
    await using(db, async client => {
      for (const damage of damages) await client.query(damage);
    });
    expect(await again(db)).toSatisfy((reports: readonly StepReport[]) =>
      reports.some(r => r.did.some(d => d.result !== 'already there')),
    );
    expect(await inventory(db)).toEqual(right);
  });

  it('is left unchanged by a dry run, which reports what is missing', async () => {
    const db = await desk();
    await using(db, c =>
      c.query('DROP TABLE execution.trades; DROP INDEX execution.idx_orders_open; DROP SCHEMA notification CASCADE'),
    );
    const before = await inventory(db);
    const reports = await again(db, {dryRun: true});
    const would = reports.flatMap(r =>
      r.did.filter(d => d.result.startsWith('would')).map(d => `${d.what} ${d.object}`),
    );
    expect(would).toEqual(
      expect.arrayContaining([
        'table execution.trades',
        'index execution.idx_orders_open',
        'schema notification',
        'table notification.notification_logs',
        'index execution.idx_trades_strategy',
      ]),
    );
    expect(would).not.toContain('table execution.orders');
    expect(await inventory(db)).toEqual(before);
  });

  it('whose rows violate a lost constraint gets it for new rows, with a report', async () => {
    const db = await desk();
    await using(db, c =>
      c.query(`ALTER TABLE execution.positions DROP CONSTRAINT non_negative_quantity;
        INSERT INTO execution.positions (account_id, symbol, quantity, avg_price) VALUES ('A', 'X', -1, 1)`),
    );
    const warnings = (await again(db)).flatMap(r => r.warnings);
    expect(warnings).toEqual([
      expect.stringMatching(/constraint non_negative_quantity of .*positions is violated.*tradetop verify --only data/),
    ]);
    const insert = "INSERT INTO execution.positions (account_id, symbol, quantity, avg_price) VALUES ('B', 'X', -1, 1)";
    expect(await using(db, c => c.query(insert)).catch((e: {code?: string}) => e.code)).toBe('23514');
    await using(db, c => c.query('UPDATE execution.positions SET quantity = 0'));
    expect((await again(db)).flatMap(r => r.warnings)).toEqual([]);
    expect(
      (await using(db, c => c.query("SELECT convalidated FROM pg_constraint WHERE conname = 'non_negative_quantity'")))
        .rows,
    ).toEqual([{convalidated: true}]);
  });

  it('with duplicates under a lost key is completed except for the key, with a report', async () => {
    const db = await desk();
    const position =
      "INSERT INTO execution.positions (account_id, symbol, quantity, avg_price) VALUES ('A', 'X', 1, 1)";
    await using(db, c =>
      c.query(`ALTER TABLE execution.positions DROP CONSTRAINT unique_account_symbol; ${position}; ${position};
        DROP INDEX execution.idx_positions_symbol`),
    );
    expect((await again(db)).flatMap(r => r.warnings).join()).toMatch(/unique_account_symbol/);
    const indexes = await using(db, c => c.query("SELECT to_regclass('execution.idx_positions_symbol') AS there"));
    expect(indexes.rows[0].there).not.toBeNull();
  });

  it('that someone else keeps locked is left unchanged, with what to do', {timeout: 60_000}, async () => {
    const db = await desk();
    await using(db, c =>
      c.query('ALTER TABLE execution.orders DROP COLUMN session_id; DROP TABLE logging.performance_logs'),
    );
    const before = await inventory(db);
    await using(db, async holder => {
      await holder.query('BEGIN; LOCK TABLE execution.orders IN ACCESS SHARE MODE');
      const error = await again(db).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(UserError);
      expect(error).toMatchObject({next: expect.stringMatching(/holds a lock.*Nothing was changed/)});
      expect(await inventory(db)).toEqual(before);
    });
    await again(db);
    expect(await using(db, c => c.query('SELECT session_id FROM execution.orders'))).toMatchObject({rows: []});
  });

  it('keeps the tables, columns and roles of others', async () => {
    const db = await desk();
    await using(db, c =>
      c.query(`CREATE TABLE execution.own_table (id int); ALTER TABLE execution.orders ADD COLUMN own_column text;
        CREATE INDEX own_index ON execution.orders (own_column); GRANT SELECT ON execution.orders TO pg_monitor`),
    );
    await again(db);
    const {rows} = await using(db, c =>
      c.query(`SELECT to_regclass('execution.own_table') IS NOT NULL AS own_table,
        to_regclass('execution.own_index') IS NOT NULL AS own_index, has_table_privilege('pg_monitor', 'execution.orders', 'SELECT') AS own_right,
        EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'execution.orders'::regclass AND attname = 'own_column') AS own_column`),
    );
    expect(rows).toEqual([{own_table: true, own_index: true, own_right: true, own_column: true}]);
  });
});
