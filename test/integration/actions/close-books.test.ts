import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import type pg from 'pg';
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import type {Gate} from '../../../src/actions/gate.ts';
import type {EditOptions, Outcome} from '../../../src/actions/plan.ts';
import type {Target} from '../../../src/actions/target.ts';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {isoMicros} from '../../../src/core/time.ts';
import {openPg, type Pg} from '../../../src/io/pg.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {withTransaction} from '../../../src/io/transaction.ts';
import {setUp} from '../../../src/setup/setup.ts';
import {fillTrades, settleDiffering} from '../../../src/sync/fill.ts';
import {rebuildAnalytics} from '../../../src/sync/rebuild.ts';
import {type Ask, runnerOf} from '../../../src/sync/session.ts';
import {settle} from '../../../src/sync/settle.ts';
import {type Bench, makeBench, newServer, oldServer} from '../../helpers/desk/acting.ts';
import {booksOf, insertRow, modelBooks, modelEntries} from '../../helpers/desk/books-model.ts';
import {clearBooks, closeBooks, keepOpen, stoppable} from '../../helpers/desk/closings.ts';
import {bareTrade} from '../../helpers/desk/lives.ts';
import {hearTrades} from '../../helpers/desk/settling.ts';
import {violations} from '../../helpers/desk/violations.ts';
import {startStatementProxy} from '../../helpers/servers/statement-proxy.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));

/** The month so many before the current one, and a time in it. */
const month = (ago: number): string => {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - ago)).toISOString().slice(0, 7);
};
const during = (ago: number, day = 10): number =>
  Date.parse(`${month(ago)}-${String(day).padStart(2, '0')}T12:00:00Z`) * 1000;
const CLOSED = month(3);
const WORDS = `the books are closed before ${CLOSED}-01: book it with a later time of execution`;

const trade = (tradeId: string, side: string, ago: number, fields: Partial<Record<keyof TradeEvent, unknown>> = {}) =>
  bareTrade({tradeId, side, executedAt: during(ago), ...fields});
// Bought and sold in closed months, then sold on in an open one.
const TRADES = [
  trade('b1', 'buy', 6, {quantity: '100', price: '10', commission: '1'}),
  trade('s1', 'sell', 5, {quantity: '40', price: '30', tradeType: 'partial', strategy: 'm'}),
  trade('b2', 'buy', 4, {quantity: '10', price: '20', symbol: 'ETH/USDT'}),
  trade('s2', 'sell', 2, {quantity: '10', price: '12', tradeType: 'partial', strategy: 'm'}),
];

describe.each([newServer, ...oldServer])('closing the books on %s', (_name, start) => {
  let bench: Bench;
  let gate: Gate;
  let db: Pg;
  let stopMoving: (stop: boolean) => Promise<unknown>;
  beforeAll(async () => {
    bench = await makeBench(await start());
    gate = bench.gate(await bench.role(['tradetop_operator']));
    db = openPg(bench.config('postgres').trading, loadSql(), {name: 'closing test', max: 3});
    stopMoving = await stoppable(db.pool);
  });
  afterAll(async () => {
    await db?.close();
    await bench?.close();
  });
  beforeEach(async () => {
    await clearBooks(db.pool);
    await keepOpen(db.pool, 3);
    await stopMoving(false);
    for (const t of TRADES) await book(t);
    await hear(...TRADES);
    await catchUp();
    await db.pool.query(`INSERT INTO execution.positions (account_id, symbol, quantity, avg_price)
        VALUES ('A', 'IBM', 50, 10.01), ('A', 'ETH/USDT', 10, 20)`);
  });

  /** Writes a row and its order, which it fills. */
  async function book(t: TradeEvent, pool: Pick<pg.Pool, 'query'> = db.pool) {
    await insertRow(pool, t, true);
    await pool.query(`UPDATE execution.orders SET status = 'filled', created_at = $2 WHERE order_id = $1`, [
      `o-${t.tradeId}`,
      isoMicros(t.executedAt as number),
    ]);
  }
  const hear = (...events: readonly TradeEvent[]) => hearTrades(db, ...events);
  async function catchUp() {
    await fillTrades(db, {since: null, until: null});
    await settleDiffering(db, null);
  }
  const one = async (sql: string) => (await db.pool.query(sql)).rows[0];
  const close = (before = CLOSED) => closeBooks(gate, before);
  const refusal = async (before = CLOSED, by = gate) =>
    (await by.plan('close-books', {kind: 'month', month: before})).refusal;
  const act = async (id: string, target: Target, edit: EditOptions): Promise<Outcome> =>
    gate.run(await gate.plan(id, target, {edit}));
  const tradeOf = (id: string): Target => ({kind: 'rows', schema: 'execution', name: 'trades', keys: [id]});
  const books = (...trades: readonly TradeEvent[]) => modelBooks(modelEntries(trades.map(row => ({row, event: row}))));
  const waiting = async () =>
    (await db.pool.query('SELECT event_key, reason FROM analytics.sync_quarantine WHERE resolved_at IS NULL')).rows;
  /** Nothing is left to be done, and every check passes. */
  async function isRight(expected: ReturnType<typeof books>) {
    expect(await booksOf(db.pool)).toEqual(expected);
    expect(await rebuildAnalytics(runnerOf(db))).toMatchObject({
      recovered: 0,
      restated: 0,
      differences: [],
      errors: [],
    });
    expect(await booksOf(db.pool)).toEqual(expected);
    expect(await violations(db)).toEqual([]);
  }

  it('says first what will be closed, then closes it and moves it', async () => {
    const plan = await gate.plan('close-books', {kind: 'month', month: CLOSED});
    expect(plan.refusal).toBeUndefined();
    expect(plan.targetName).toBe(CLOSED);
    const facts = Object.fromEntries(plan.facts.map(f => [f.label, f.value]));
    expect(facts).toMatchObject({
      trades: '3 of 1 account',
      months: `${month(6)}, ${month(5)}, ${month(4)}`,
      size: expect.stringMatching(/^about .*B leave/),
    });
    const outcome = await gate.run(plan);
    expect(outcome).toMatchObject({
      outcome: 'done',
      rows: 3,
      summary: `The books are closed before ${CLOSED}-01, with 3 trades; 3 trades moved into the archives.`,
    });
    expect((await one('SELECT count(*)::int AS n FROM execution.trades')).n).toBe(1);
    expect(
      await one(`SELECT held::float8, average_cost::text AS cost, net_quantity::float8 AS net, total_value::text AS value,
        realized_pnl::text AS pnl, total_trades::int AS n FROM analytics.opening_balances WHERE symbol = 'IBM'`),
    ).toEqual({held: 60, cost: '10.0100', net: 60, value: '2200.0000', pnl: '799.6000', n: 2});
    expect(await one(`SELECT table_name, result FROM shared.audit_log ORDER BY id DESC LIMIT 1`)).toEqual({
      table_name: 'analytics.book_closings',
      result: 'done',
    });
    await isRight(books(...TRADES));
    expect(await close()).toMatchObject({outcome: 'done', rows: 0, summary: expect.stringContaining('already')});
    expect(await refusal(month(4))).toBe(`The books are closed before ${CLOSED}-01 already.`);
  });

  it('is refused too early, by whoever may not, and for what is not settled', async () => {
    expect(await refusal(month(2))).toMatch(/^Too early: the current month and 3 whole months before it stay open/);
    const monitor = bench.gate(await bench.role(['tradetop_monitor']), {readOnly: () => false});
    expect(await refusal(CLOSED, monitor)).toBe('This role may not close the books: connect as tradetop_operator.');
    const cases: readonly (readonly [string, string, RegExp])[] = [
      [
        `INSERT INTO analytics.sync_gaps (worker, reason, ended_at) VALUES ('w', 'lost', now())`,
        'DELETE FROM analytics.sync_gaps',
        /^1 gap of the synchroniser/,
      ],
      [
        `INSERT INTO analytics.sync_quarantine (kind, event_key, event, reason)
         VALUES ('trades', 'b1 ≠ 1', '{"key": "b1", "executedAt": 4000000000000000}', 'x')`,
        'DELETE FROM analytics.sync_quarantine',
        /wait in quarantine/,
      ],
      [
        `UPDATE execution.trades SET price = 11 WHERE trade_id = 'b1'`,
        `UPDATE execution.trades SET price = 10 WHERE trade_id = 'b1'`,
        /^Row and ledger say different things of trade b1/,
      ],
      [
        'ALTER TABLE execution.trades ADD COLUMN venue text',
        'ALTER TABLE execution.trades DROP COLUMN venue',
        /execution\.trades\.venue/,
      ],
      [
        `UPDATE shared.system_config SET value = '"x"' WHERE key = 'books.open_months'`,
        `UPDATE shared.system_config SET value = '3' WHERE key = 'books.open_months'`,
        /not a number of months/,
      ],
    ];
    for (const [spoil, mend, why] of cases) {
      await db.pool.query(spoil);
      expect(await refusal()).toMatch(why);
      await db.pool.query(mend);
    }
    const late = trade('late', 'buy', 4);
    await insertRow(db.pool, late);
    expect(await refusal()).toMatch(/^1 trade executed before \(late\) not in the ledger/);
    await db.pool.query(`DELETE FROM execution.trades WHERE trade_id = 'late'`);
    await hear(late);
    expect(await refusal()).toMatch(/^1 trade executed before \(late\) in the ledger, and without a row/);
    // Sums and reckonings are looked at by the run.
    await db.pool.query(`DELETE FROM analytics.sync_ledger WHERE trade_id = 'late'`);
    expect(await refusal()).toBeUndefined();
    expect(await close()).toMatchObject({outcome: 'failed', summary: expect.stringContaining('data_reckoning')});
    expect(await one('SELECT count(*)::int AS n FROM analytics.book_closings')).toEqual({n: 0});
  });

  it('keeps out what was executed before, by event and by row, and takes the same with a later time', async () => {
    await close();
    const late = trade('late', 'buy', 4, {quantity: '1'});
    expect(await hear(late)).toMatchObject({trades: 0, quarantined: 1});
    expect(await waiting()).toEqual([{event_key: 'late', reason: WORDS}]);
    await db.pool.query('DELETE FROM analytics.sync_quarantine');
    await book(late);
    await catchUp();
    expect(await waiting()).toEqual([{event_key: 'late', reason: WORDS}]);
    expect(await booksOf(db.pool)).toEqual(books(...TRADES));
    const id = (await one('SELECT id::text FROM analytics.sync_quarantine')).id;
    const event: Target = {kind: 'rows', schema: 'analytics', name: 'sync_quarantine', keys: [id]};
    expect(await act('accept-quarantine', event, {reason: 'x'})).toMatchObject({
      outcome: 'failed',
      summary: expect.stringContaining(WORDS),
    });
    expect(await act('correct-trade', tradeOf('late'), {reason: 'x', trade: {price: '11'}})).toMatchObject({
      refused: true,
      summary: expect.stringContaining(WORDS),
    });
    const executedAt = isoMicros(during(2, 20));
    expect(await act('correct-trade', tradeOf('late'), {reason: 'x', trade: {executedAt}})).toMatchObject({
      outcome: 'done',
    });
    await act('reject-quarantine', event, {reason: 'x'});
    await db.pool.query(`UPDATE execution.positions SET quantity = 51 WHERE symbol = 'IBM'`);
    await isRight(books(...TRADES, {...late, executedAt: during(2, 20)} as TradeEvent));
  });

  it('leaves closed trades as they are, moved or not yet, whatever is tried', async () => {
    for (const stop of [true, false]) {
      await stopMoving(stop);
      expect((await close()).outcome).toBe(stop ? 'failed' : 'done');
      // A repetition is none of anybody's concern; what tells of something else is set aside.
      expect(await hear(...TRADES)).toMatchObject({trades: 0, duplicates: 4, quarantined: 0, restated: 0});
      expect(await hear({...(TRADES[1] as TradeEvent), realizedPnl: '5' as TradeEvent['realizedPnl']})).toMatchObject({
        quarantined: 1,
      });
      expect(await hear({...(TRADES[1] as TradeEvent), price: '31' as TradeEvent['price']})).toMatchObject({
        quarantined: 1,
      });
      expect(await waiting()).toMatchObject([
        {event_key: 's1', reason: WORDS},
        {event_key: expect.stringMatching(/^s1 ≠ /), reason: 'price is 30.0000, not 31'},
      ]);
      const id = (await one(`SELECT id::text FROM analytics.sync_quarantine ORDER BY id DESC LIMIT 1`)).id;
      const event: Target = {kind: 'rows', schema: 'analytics', name: 'sync_quarantine', keys: [id]};
      expect((await act('accept-quarantine', event, {reason: 'x'})).summary).toContain(WORDS);
      await db.pool.query('DELETE FROM analytics.sync_quarantine');
      for (const [action, edit] of [
        ['correct-trade', {reason: 'x', trade: {price: '11'}}],
        ['bust-trade', {reason: 'x'}],
      ] as const) {
        expect(await act(action, tradeOf('s1'), edit)).toMatchObject({refused: true, summary: `Refused: ${WORDS}.`});
      }
      await isRight(books(...TRADES));
    }
    // The row of a trade that is archived is written once more.
    await insertRow(db.pool, {...(TRADES[1] as TradeEvent)});
    await catchUp();
    expect(await waiting()).toEqual([{event_key: 's1', reason: WORDS}]);
    expect(await act('bust-trade', tradeOf('s1'), {reason: 'twice'})).toMatchObject({outcome: 'done'});
    await db.pool.query('DELETE FROM analytics.sync_quarantine');
    await isRight(books(...TRADES));
  });

  it('reckons a late trade of an open month from the opening balance', async () => {
    await close();
    const late = trade('late', 'buy', 2, {quantity: '60', price: '20.01', executedAt: during(2, 5)});
    await book(late);
    expect(await hear(late)).toMatchObject({trades: 1, restated: 1});
    await db.pool.query(`UPDATE execution.positions SET quantity = 110 WHERE symbol = 'IBM'`);
    await isRight(books(...TRADES, late));
    expect(await act('bust-trade', tradeOf('late'), {reason: 'x'})).toMatchObject({outcome: 'done'});
    expect(await act('bust-trade', tradeOf('s2'), {reason: 'x'})).toMatchObject({outcome: 'done'});
    await db.pool.query(`UPDATE execution.positions SET quantity = 60 WHERE symbol = 'IBM';
      UPDATE execution.orders SET status = 'cancelled' WHERE order_id IN ('o-s2', 'o-late')`);
    await isRight(books(...TRADES.slice(0, 3)));
    expect(await one(`SELECT held::int, last_trade_id FROM analytics.sync_pairs WHERE symbol = 'IBM'`)).toEqual({
      held: 60,
      last_trade_id: 's1',
    });
  });

  it('waits for who settles a trade of the period, and counts it', async () => {
    const late = trade('late', 'buy', 4, {quantity: '1'});
    const {promise: begun, resolve: settling} = Promise.withResolvers<void>();
    const {promise: settled, resolve: commit} = Promise.withResolvers<void>();
    const worker = withTransaction(db.pool, {attempts: 1}, async ({client}) => {
      await book(late, client as unknown as pg.Pool);
      const ask: Ask = async (name, params = []) =>
        (await client.query(db.sql.statement(name, db.pgVersion()), [...params])).rows;
      await settle(ask, {rows: ['late']});
      settling();
      await settled;
    });
    await begun;
    const closing = close();
    const isWaiting = async () =>
      (
        await one(
          `SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'analytics.sync_pairs'::regclass AND NOT granted) AS so`,
        )
      ).so;
    await waitFor('the closing to wait', isWaiting);
    expect(await one('SELECT count(*)::int AS n FROM analytics.book_closings')).toEqual({n: 0});
    commit();
    await worker;
    expect(await closing).toMatchObject({outcome: 'done', rows: 4});
    await db.pool.query(`UPDATE execution.positions SET quantity = 51 WHERE symbol = 'IBM'`);
    await isRight(modelBooks(modelEntries([...TRADES.map(row => ({row, event: row})), {row: late, event: undefined}])));
  });

  it('needs no month that is detached, and lets none go while trades wait to be moved', async () => {
    const archives = ['execution.archived_trades', 'analytics.archived_sync_ledger'];
    const detach = async (table: string) => {
      const [schema = '', name = ''] = table.split('.');
      return gate.plan('detach-partitions', {kind: 'table', schema, name}, {flags: {days: 60}});
    };
    await stopMoving(true);
    await close();
    for (const table of archives) expect((await detach(table)).refusal).toMatch(/^Closed trades still wait/);
    await stopMoving(false);
    await close();
    const ingestion = bench.config(await bench.role(['svc_data_ingestion'])).trading;
    const service = openPg(ingestion, loadSql(), {name: 'service', max: 1, writes: true});
    for (const table of archives) {
      await expect(service.pool.query('SELECT shared.detach_old_partitions(1, $1)', [table])).rejects.toMatchObject({
        code: '42501',
      });
    }
    await service.close();
    const before = await booksOf(db.pool);
    for (const table of archives) {
      expect(await gate.run(await detach(table))).toMatchObject({
        outcome: 'done',
        summary: expect.stringMatching(/^3 months detached/),
      });
    }
    expect(await booksOf(db.pool)).toEqual({...before, ledger: before.ledger.filter(line => line.startsWith('s2 '))});
    expect(await hear(...TRADES)).toMatchObject({trades: 0, quarantined: 3});
    await db.pool.query('DELETE FROM analytics.sync_quarantine');
    expect(await rebuildAnalytics(runnerOf(db))).toMatchObject({restated: 0, differences: [], errors: []});
    expect(await violations(db)).toEqual([]);
    // The next closing goes on from there.
    await keepOpen(db.pool, 1);
    expect(await close(month(1))).toMatchObject({outcome: 'done', rows: 1});
    const {portfolio, metrics} = await booksOf(db.pool);
    expect({portfolio, metrics}).toEqual({portfolio: before.portfolio, metrics: before.metrics});
    expect(await rebuildAnalytics(runnerOf(db))).toMatchObject({restated: 0, differences: [], errors: []});
    expect(await violations(db)).toEqual([]);
    // An archive needs no months ahead.
    expect((await db.query('monitor/partitions')).map(row => row.name)).toEqual(['market_data']);
    // Nobody but the owner writes what was detached, not even after another set-up.
    const {trading} = bench.config('postgres');
    await setUp({trading, prefect: {database: 'prefect', owner: 'prefect'}, sql: loadSql(), only: ['roles', 'tables']});
    const {rows} = await db.pool.query(`SELECT c.oid::regclass::text || ' ' || r AS held
      FROM pg_class AS c, unnest('{svc_analytics,svc_execution,tradetop_sync,trading_app,tradetop_operator}'::text[]) AS r
      WHERE relname ~ '^archived_(trades|sync_ledger)_' AND has_table_privilege(r, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')`);
    expect(rows).toEqual([]);
    await db.pool.query(
      archives.map(t => [6, 5, 4].map(n => `DROP TABLE ${t}_${month(n).replace('-', '_')}`).join(';')).join(';'),
    );
  });
});

it('is killed around every statement that it sends, and goes on', async () => {
  const bench = await makeBench(await newServer[1]());
  const db = openPg(bench.config('postgres').trading, loadSql(), {name: 'closing test', max: 2});
  const user = await bench.role(['tradetop_operator']);
  const {host, port} = bench.config(user).trading;
  let kill = () => {};
  const proxy = await startStatementProxy({host, port}, () => kill());
  try {
    for (const t of TRADES) await insertRow(db.pool, t);
    await fillTrades(db, {since: null, until: null});
    const before = await booksOf(db.pool);
    const env = {
      PATH: process.env.PATH,
      PGSSLMODE: 'disable',
      ...bench.env(user),
      POSTGRES_PORT: String(proxy.port),
    };
    const run = () => {
      const child = spawn(process.execPath, [CLI, 'maintain', 'close-books', CLOSED, '--yes'], {env, stdio: 'ignore'});
      kill = () => child.kill('SIGKILL');
      return once(child, 'exit').then(([code, signal]) => (signal ?? code) as number | string);
    };
    const plan = [
      ['actions/close_books', 'after'],
      ['COMMIT', 'before'],
      ['COMMIT', 'after'],
      ['actions/create_partition', 'after'],
      ['actions/move_closed', 'before'],
      ['actions/move_closed', 'after'],
    ] as const;
    for (const [statement, fate] of plan) {
      let done = false;
      proxy.decide((_name, sql) => {
        if (done || (/tradetop:(\S+)/.exec(sql)?.[1] ?? sql) !== statement) return 'pass';
        done = true;
        return fate;
      });
      expect([statement, await run()]).toEqual([statement, 'SIGKILL']);
      expect(await booksOf(db.pool)).toEqual(before);
      expect(await violations(db, ['data_reckoning', 'data_analytics', 'data_ledger_trades'])).toEqual([]);
    }
    proxy.decide(() => 'pass');
    expect(await run()).toBe(0);
    expect(await booksOf(db.pool)).toEqual(before);
    const {rows} = await db.pool.query(`SELECT (SELECT count(*) FROM execution.trades)::int AS open,
      (SELECT count(*) FROM execution.archived_trades)::int AS archived, (SELECT count(*) FROM analytics.book_closings)::int AS n`);
    expect(rows).toEqual([{open: 1, archived: 3, n: 1}]);
    const {stdout} = await promisify(execFile)(process.execPath, [CLI, 'trade', 'show', 's1'], {env});
    expect(stdout).toMatch(/^row: number \d+ of execution\.archived_trades$/m);
    expect(stdout).toContain(`closed: ${WORDS}`);
  } finally {
    await proxy.close();
    await db.close();
    await bench.close();
  }
});
