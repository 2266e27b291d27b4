import type pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {deadShare} from '../../../src/alerts/tables.ts';
import type {Pg} from '../../../src/io/pg.ts';
import {systemClock} from '../../../src/monitor/clock.ts';
import {positionsPoller} from '../../../src/monitor/positions.ts';
import {prefectPoller} from '../../../src/monitor/prefect.ts';
import {progressPoller} from '../../../src/monitor/progress.ts';
import {serverPoller} from '../../../src/monitor/server.ts';
import {sessionsPoller} from '../../../src/monitor/sessions.ts';
import {tablesPoller} from '../../../src/monitor/tables.ts';
import {tradesPoller} from '../../../src/monitor/trades.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import {type Database, freshDatabase, runSql} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';
import {failureIn, monitorPool, poolOfRole, readerOf, SETTINGS, session} from '../../helpers/state/polls.ts';

let desk: Database;
let admin: pg.Client;
let trading: Pg;
const pools: Pg[] = [];
const roles: string[] = [];

const poolAs = (granted: string) => poolOfRole(desk, granted, {pools, roles});

beforeAll(async () => {
  desk = await cloneDesk();
  admin = await session(targetOf(desk), 'admin');
  trading = monitorPool(targetOf(desk));
  pools.push(trading);
  await admin.query(`
    INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity, strategy)
      VALUES ('O-1', 'ACC-01', 'AAPL', 'sell', 'market', 25, 'momentum');
    INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, quantity, price, commission, executed_at, strategy, trade_type)
      SELECT 'T-' || n, CASE WHEN n = 205 THEN 'O-1' END, 'ACC-01', 'AAPL', 10, 187.1234, 0.5,
             '2026-11-22 09:00:00.123456+00'::timestamptz + n * interval '1 second', 'momentum', 'opening'
        FROM generate_series(1, 205) AS n;
    SELECT shared.create_monthly_partition('data_ingestion.market_data', date_trunc('month', now())::date);
    INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close, volume)
      VALUES ('AAPL', now() - interval '2 minutes', 180, 190, 170, 187.5, 1), ('AAPL', now() - interval '1 minute', 180, 190, 170, 188.25, 1),
             ('AAPL', now() + interval '1 hour', 1, 1, 1, 1, 1),
             ('OLD', now() - interval '9 days', 5, 5, 5, 5, 1), ('BOTH', now() - interval '1 hour', 5, 5, 5, 5, 1);
    INSERT INTO execution.positions (account_id, symbol, quantity, avg_price, market_value, unrealized_pnl, realized_pnl, last_price, last_price_at)
      VALUES ('ACC-01', 'AAPL', 1200, 186, 224400, 1200, 12.5, NULL, NULL),
             ('ACC-01', 'OLD', 10, 4, 45, 5, 0, NULL, NULL),
             ('ACC-02', 'BOTH', 3, 4, 21, 9, 0, 7, now() - interval '1 second'),
             ('ACC-02', 'NONE', 1, 99999999999.9999, NULL, NULL, NULL, NULL, NULL),
             ('ACC-02', 'SHUT', 0, 4, 0, 0, -100.0001, NULL, NULL);
  `);
});
afterAll(async () => {
  await Promise.all(pools.map(pool => pool.close()));
  await admin?.end();
  await desk?.drop();
  await runSql({...desk.config, database: 'postgres'}, roles.map(role => `DROP ROLE ${role};`).join(''));
});

describe('trades', () => {
  it('are the last 200, the newest first, with the side of their orders and every digit and microsecond', async () => {
    const {trades: rows} = await readerOf(tradesPoller, {trading})();
    expect(rows).toHaveLength(200);
    expect(rows[0]).toMatchObject({
      tradeId: 'T-205',
      orderId: 'O-1',
      side: 'sell',
      quantity: '10.0000',
      price: '187.1234',
      commission: '0.5000',
      executedAt: Date.UTC(2026, 10, 22, 9, 3, 25) * 1000 + 123_456,
      from: 'table',
    });
    expect(rows[1]).toMatchObject({tradeId: 'T-204', side: undefined});
    expect(rows.at(-1)?.tradeId).toBe('T-6');
  });

  it('are read whole now and then, and between only what was written since, again until its event has had time', async () => {
    const own = await cloneDesk();
    const pool = monitorPool(targetOf(own));
    let ticks = 0;
    const read = readerOf(tradesPoller, {trading: pool}, SETTINGS, {...systemClock, ticks: () => ticks});
    const readAt = async (ms: number) => {
      ticks = ms;
      const {trades} = await read();
      return trades.map(({tradeId}) => tradeId);
    };
    const trade = (id: string, at: string) =>
      runSql(
        own.config,
        `INSERT INTO execution.trades (trade_id, account_id, symbol, quantity, price, executed_at)
        VALUES ('${id}', 'ACC-01', 'AAPL', 1, 1, now() - interval '${at}')`,
      );
    await trade('old', '1 hour');
    expect(await readAt(0)).toEqual(['old']);
    await trade('late', '2 hours');
    expect(await readAt(4000)).toEqual(['late', 'old']);
    expect(await readAt(12_000)).toEqual(['late']);
    expect(await readAt(16_000)).toEqual(['late']);
    expect(await readAt(30_000)).toEqual(['old', 'late']);
    // Restored from an older copy: the ids begin anew.
    await runSql(own.config, 'TRUNCATE execution.trades RESTART IDENTITY CASCADE');
    await trade('anew', '1 second');
    expect(await readAt(34_000)).toEqual(['old', 'late']);
    expect(await readAt(60_000)).toEqual(['anew']);
    await trade('next', '1 second');
    expect(await readAt(64_000)).toEqual(['next', 'anew']);
    await pool.close();
    await own.drop();
  });

  it('are readable for the monitor’s role, and denied to others with the remedy', async () => {
    expect((await readerOf(tradesPoller, {trading: await poolAs('tradetop_monitor')})()).trades).toHaveLength(200);
    const app = await poolAs('trading_app');
    expect(await failureIn(readerOf(tradesPoller, {trading: app})())).toMatchObject({
      why: 'denied',
      message: expect.stringMatching(/^row-level security hides execution\.trades from role r_/),
      next: expect.stringContaining('GRANT tradetop_monitor TO r_'),
    });
    expect(await failureIn(readerOf(positionsPoller, {trading: app})())).toMatchObject({why: 'denied'});
    expect(await failureIn(readerOf(tradesPoller, {trading: await poolAs('')})())).toMatchObject({
      why: 'denied',
      next: expect.stringContaining('tradetop_monitor'),
    });
  });

  it('are empty on a desk that has not traded, and not set up where there is no desk', async () => {
    const idle = await cloneDesk();
    const none = await freshDatabase();
    const monitor = await poolAs('tradetop_monitor');
    const own = [
      monitorPool(targetOf(idle)),
      monitorPool(targetOf(idle, monitor.target.user, 'p')),
      monitorPool(targetOf(none)),
    ];
    const [owner, watcher, bare] = own as [Pg, Pg, Pg];
    await runSql(idle.config, `GRANT CONNECT ON DATABASE ${idle.name} TO ${monitor.target.user}`);
    expect((await readerOf(tradesPoller, {trading: owner})()).trades).toEqual([]);
    expect((await readerOf(positionsPoller, {trading: watcher})()).positions).toEqual([]);
    for (const poller of [tradesPoller, positionsPoller]) {
      expect(await failureIn(readerOf<unknown>(poller, {trading: bare})())).toMatchObject({
        why: 'not_set_up',
        next: 'Run: tradetop setup',
      });
    }
    await Promise.all(own.map(pool => pool.close()));
    await Promise.all([idle.drop(), none.drop()]);
  });
});

describe('positions', () => {
  it('are the open ones, the largest first, marked at the latest known price', async () => {
    const {positions: rows} = await readerOf(positionsPoller, {trading})();
    expect(rows.map(r => [r.symbol, r.mark, r.marketValue])).toEqual([
      ['NONE', undefined, undefined],
      ['AAPL', '188.2500', '224400.0000'],
      ['OLD', '4.5000', '45.0000'],
      ['BOTH', '7.0000', '21.0000'],
    ]);
    expect(rows[1]?.markAt).toBeLessThan(rows[3]?.markAt ?? 0);
    expect(rows[0]).toMatchObject({avgPrice: '99999999999.9999', unrealizedPnl: undefined, markAt: undefined});
  });
});

describe('the server', () => {
  it('has rates and a size from the second reading on', async () => {
    const read = readerOf(serverPoller, {trading});
    const [first] = (await read()).server;
    expect(first).toMatchObject({
      database: desk.name,
      user: 'postgres',
      standby: false,
      tps: undefined,
      readsAllStats: true,
    });
    // PostgreSQL looks at every file for it: the first screen does not wait.
    expect(first?.sizeBytes).toBeUndefined();
    expect(first?.version).toMatch(/^\d+\.\d+$/);
    expect(first?.latencyMs).toBeGreaterThanOrEqual(0);
    await admin.query('CREATE TABLE public.filler AS SELECT generate_series(1, 20000) AS n');
    const second = await waitFor('counted transactions', async () => {
      await admin.query('SELECT 1');
      const [row] = (await read()).server;
      return row?.tps !== undefined && row.tps > 0 && row;
    });
    expect(second.sizeBytes).toBeGreaterThan(5_000_000);
    expect(second.walBytesPerSecond).toBeGreaterThanOrEqual(0);
    expect(second.restartedAt).toBeUndefined();
    await admin.query('DROP TABLE public.filler');
  });

  it('knows the age of the oldest transaction, leaving out our own reading', async () => {
    const other = await session(targetOf(desk), 'forgetful');
    await other.query('BEGIN');
    await other.query('SELECT 1');
    await waitFor('a transaction of some age', async () => {
      const [row] = (await readerOf(serverPoller, {trading})()).server;
      return (row?.oldestXactSeconds ?? 0) > 0.1;
    });
    await other.end();
  });

  it('says when it cannot see what others do', async () => {
    const [row] = (await readerOf(serverPoller, {trading: await poolAs('')})()).server;
    expect(row?.readsAllStats).toBe(false);
    // Of its own sessions alone a role would see none that is active.
    expect([row?.active, row?.waiting, row?.oldestXactSeconds, row?.standbys]).toEqual(Array(4).fill(undefined));
    expect(await failureIn(readerOf(sessionsPoller, {trading: await poolAs('')})())).toMatchObject({
      why: 'denied',
      next: expect.stringMatching(/GRANT pg_read_all_stats TO r_\w+;$/),
    });
  });
});

describe('tables', () => {
  const find = async (name: string) =>
    (await readerOf(tablesPoller, {trading})()).tables.find(t => `${t.schema}.${t.name}` === name);

  it('have sizes, live and dead rows and their last VACUUM; a partitioned one those of its partitions', async () => {
    await admin.query('DELETE FROM execution.trades WHERE trade_id = ANY ($1)', [['T-1', 'T-2', 'T-3']]);
    await admin.query('SELECT pg_stat_force_next_flush()');
    await waitFor('dead rows', async () => (await find('execution.trades'))?.deadRows === 3);
    await admin.query('VACUUM (ANALYZE) execution.trades');
    const after = await waitFor('a VACUUM', async () => {
      const row = await find('execution.trades');
      return row?.lastVacuum !== undefined && row;
    });
    expect(after).toMatchObject({kind: 'table', deadRows: 0, liveRows: 202});
    expect(after.sizeBytes).toBeGreaterThan(8192 * 4);
    expect((after.lastVacuum ?? 0) / 1e6).toBeGreaterThan(Date.now() / 1000 - 60);
    const parent = await find('data_ingestion.market_data');
    const all = (await readerOf(tablesPoller, {trading})()).tables;
    const children = all.filter(t => t.schema === 'data_ingestion' && t.kind === 'partition');
    expect(parent?.kind).toBe('partitioned');
    expect(children.length).toBeGreaterThan(1);
    expect(parent?.sizeBytes).toBe(children.reduce((sum, t) => sum + (t.sizeBytes ?? 0), 0));
    expect(parent?.liveRows).toBe(children.reduce((sum, t) => sum + t.liveRows, 0));
  });

  it('have what autovacuum did, scans, updates and age; those with many dead rows are listed whatever their size', async () => {
    await admin.query('CREATE TABLE public.churn (id int PRIMARY KEY, n int) WITH (autovacuum_enabled = off)');
    await admin.query('INSERT INTO public.churn SELECT i, 0 FROM generate_series(1, 20000) AS i');
    await admin.query('UPDATE public.churn SET n = 1 WHERE id > 8000');
    await admin.query('SELECT count(*) FROM public.churn');
    await admin.query('SELECT pg_stat_force_next_flush()');
    const row = await waitFor('its figures', async () => {
      const churn = await find('public.churn');
      return churn !== undefined && churn.deadRows === 12_000 && churn;
    });
    expect(row).toMatchObject({
      liveRows: 20_000,
      lastVacuum: undefined,
      lastAnalyze: undefined,
      vacuumedAuto: false,
      changedRows: 32_000,
      updatedRows: 12_000,
      autovacuumOff: true,
    });
    expect(row.seqScans).toBeGreaterThan(0);
    expect(row.indexScans).toBeGreaterThanOrEqual(0);
    expect(row.freezePercent).toBeLessThan(1);
    expect(deadShare(row)).toBeCloseTo(12 / 32);
    await admin.query('DROP TABLE public.churn');
  });

  it('are read without waiting while another session holds or awaits an exclusive lock', async () => {
    const [holder, waiter] = [await session(targetOf(desk), 'holder'), await session(targetOf(desk), 'waiter')];
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE execution.orders IN ACCESS EXCLUSIVE MODE');
    await holder.query('LOCK TABLE execution.positions IN ACCESS SHARE MODE');
    await waiter.query('BEGIN');
    const waiting = waiter.query('LOCK TABLE execution.positions IN ACCESS EXCLUSIVE MODE').catch(() => {});
    await waitFor('a waiting lock', async () => {
      const {rows} = await admin.query(
        `SELECT FROM pg_locks WHERE NOT granted AND relation = 'execution.positions'::regclass`,
      );
      return rows.length > 0;
    });
    const {tables: rows} = await readerOf(tablesPoller, {trading})();
    const size = (name: string) => rows.find(t => `${t.schema}.${t.name}` === name)?.sizeBytes;
    expect([size('execution.orders'), size('execution.positions')]).toEqual([undefined, undefined]);
    expect(size('execution.trades')).toBeGreaterThan(0);
    await holder.query('ROLLBACK');
    await waiting;
    await waiter.query('ROLLBACK');
    await Promise.all([holder.end(), waiter.end()]);
    await waitFor('sizes again', async () => ((await find('execution.orders'))?.sizeBytes ?? 0) > 0);
  });

  it('are read without waiting while an index is being rebuilt', async () => {
    const holder = await session(targetOf(desk), 'holder');
    await holder.query('BEGIN');
    await holder.query('REINDEX INDEX execution.idx_trades_strategy');
    const {tables: rows} = await readerOf(tablesPoller, {trading})();
    expect(rows.find(t => t.name === 'trades')?.sizeBytes).toBeUndefined();
    expect(rows.find(t => t.name === 'orders')?.sizeBytes).toBeGreaterThan(0);
    await holder.query('ROLLBACK');
    await holder.end();
  });

  it('keep a size until something has changed: rows, an index, or the file', async () => {
    await admin.query('CREATE TABLE public.grows (n int) WITH (autovacuum_enabled = off)');
    const read = readerOf(tablesPoller, {trading});
    const size = async () => (await read()).tables.find(t => t.name === 'grows')?.sizeBytes;
    expect(await size()).toBe(0);
    const holder = await session(targetOf(desk), 'holder');
    await holder.query('BEGIN; LOCK TABLE public.grows IN ACCESS EXCLUSIVE MODE');
    expect(await size()).toBe(0);
    await holder.query('ROLLBACK');
    await holder.end();
    await admin.query('INSERT INTO public.grows SELECT generate_series(1, 10000)');
    await admin.query('SELECT pg_stat_force_next_flush()');
    await waitFor('rows', async () => ((await size()) ?? 0) >= 350_000);
    const rows = await size();
    await admin.query('CREATE INDEX grows_n ON public.grows (n)');
    const withIndex = await size();
    expect(withIndex).toBeGreaterThan((rows ?? 0) + 200_000);
    await admin.query('DROP INDEX public.grows_n');
    expect(await size()).toBe(rows);
    await admin.query('TRUNCATE public.grows');
    expect(await size()).toBe(0);
    await admin.query('DROP TABLE public.grows');
  });
});

describe('a VACUUM under way', () => {
  it('is listed with its table, phase and share until it ends', async () => {
    await admin.query('CREATE TABLE public.big (n int) WITH (autovacuum_enabled = off)');
    await admin.query('INSERT INTO public.big SELECT generate_series(1, 100000)');
    await admin.query('DELETE FROM public.big');
    const worker = await session(targetOf(desk), 'slow vacuum');
    await worker.query(
      `SELECT set_config('vacuum_cost_delay', '50ms', false), set_config('vacuum_cost_limit', '20', false)`,
    );
    const done = worker.query('VACUUM public.big').catch(() => 'cancelled');
    const read = readerOf(progressPoller, {trading});
    const row = await waitFor('progress', async () => {
      const [found] = (await read()).progress;
      return found && (found.percent ?? 0) > 0 && found.leftSeconds !== undefined && found;
    });
    expect(row).toMatchObject({relation: 'public.big', command: 'VACUUM', phase: 'scanning heap', automatic: false});
    expect(row.scannedPercent).toBe(row.percent);
    expect(row.percent).toBeLessThan(100);
    expect(await failureIn(readerOf(progressPoller, {trading: await poolAs('')})())).toMatchObject({why: 'denied'});
    await admin.query(
      `SELECT pg_cancel_backend(pid) FROM pg_stat_progress_vacuum WHERE relid = 'public.big'::regclass`,
    );
    expect(await done).toBe('cancelled');
    // The view lets go of it a moment after the command has ended.
    await waitFor('its end', async () => (await read()).progress.length === 0);
    await worker.end();
  });
});

describe('Prefect', () => {
  it('is not initialised at first, then has runs, then is of an unknown release', async () => {
    const db = await freshDatabase();
    const pool = monitorPool(targetOf(db));
    const read = readerOf(prefectPoller, {prefect: pool});
    expect((await read()).prefect).toMatchObject([{initialised: false}]);
    await runSql(
      db.config,
      `CREATE TYPE state_type AS ENUM ('SCHEDULED', 'PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED', 'PAUSED', 'CANCELLING');
       CREATE TABLE flow_run (id uuid DEFAULT gen_random_uuid(), name text, state_type state_type, state_name text,
         state_timestamp timestamptz, expected_start_time timestamptz, start_time timestamptz, end_time timestamptz);
       INSERT INTO flow_run (state_type, state_timestamp, expected_start_time, start_time) VALUES
         ('SCHEDULED', now(), now() - interval '1 minute', NULL), ('PENDING', now(), now() - interval '1 hour', NULL),
         ('SCHEDULED', now(), now() + interval '1 minute', NULL), ('CANCELLED', now(), now() - interval '1 hour', NULL),
         ('RUNNING', now(), now() - interval '1 hour', now()), ('FAILED', now() - interval '1 hour', now(), now()),
         ('CRASHED', now() - interval '2 hours', now() - interval '1 hour', NULL), ('FAILED', now() - interval '2 days', now(), now()),
         ('COMPLETED', now(), now(), now());`,
    );
    expect((await read()).prefect).toMatchObject([{initialised: true, lateRuns: 2, runningRuns: 1, failedRuns: 2}]);
    await runSql(db.config, 'ALTER TABLE flow_run RENAME COLUMN expected_start_time TO planned_for');
    expect(await failureIn(read())).toMatchObject({
      why: 'unsupported',
      message: 'Prefect’s table flow_run has no column expected_start_time',
    });
    await runSql(
      db.config,
      `ALTER TABLE flow_run RENAME COLUMN planned_for TO expected_start_time;
       CREATE FUNCTION spring(state_type) RETURNS text LANGUAGE sql AS 'SELECT ''RUNNING''';
       CREATE CAST (state_type AS text) WITH FUNCTION spring(state_type) AS IMPLICIT`,
    );
    expect(await failureIn(read())).toMatchObject({message: expect.stringContaining('no column state_type')});
    await pool.close();
    await db.drop();
    const gone = monitorPool({...targetOf(db), database: 'no_such_database'});
    expect(await failureIn(readerOf(prefectPoller, {prefect: gone})())).toMatchObject({why: 'not_set_up'});
    await gone.close();
  });
});
