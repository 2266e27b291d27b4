import fc from 'fast-check';
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {openPg, type Pg} from '../../../src/io/pg.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {batchOf} from '../../../src/sync/batch.ts';
import {applyIsolated} from '../../../src/sync/isolate.ts';
import {rebuildAnalytics} from '../../../src/sync/rebuild.ts';
import {retryQuarantine} from '../../../src/sync/retry.ts';
import {runnerOf} from '../../../src/sync/session.ts';
import {booksOf, insertRow, modelBooks, modelEntries} from '../../helpers/desk/books-model.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import {life, lived, bareTrade as trade} from '../../helpers/desk/lives.ts';
import {hearTrades, sweepAll} from '../../helpers/desk/settling.ts';
import {violations} from '../../helpers/desk/violations.ts';

let db: Pg;
let drop: () => Promise<void>;

beforeAll(async () => {
  const desk = await cloneDesk();
  db = openPg(targetOf(desk), loadSql(), {name: 'truth test', max: 4, lockMs: 10_000});
  drop = desk.drop;
});
afterAll(async () => {
  await db.close();
  await drop();
});

const clear = () =>
  db.pool.query(`TRUNCATE analytics.sync_ledger, analytics.sync_pairs, analytics.sync_restatements,
    analytics.portfolio_summary, analytics.performance_metrics, analytics.sync_quarantine, execution.trades,
    execution.execution_logs, execution.orders`);
beforeEach(clear);

const NOON = Date.UTC(2026, 9, 20, 12) * 1000;
const HOUR = 3_600_000_000;
const hear = (...events: readonly TradeEvent[]) => hearTrades(db, ...events);
const settleRows = (...ids: readonly string[]) => applyIsolated(db, batchOf([], ids));
/** What the repair and the sweeps do in the end. */
const catchUp = () => sweepAll(db);
const rebuild = () => rebuildAnalytics(runnerOf(db));
const one = async (sql: string) => (await db.pool.query(sql)).rows[0];
const realised = async () => (await one('SELECT sum(realized_pnl)::text AS sum FROM analytics.portfolio_summary')).sum;
const quarantined = async () =>
  (await db.pool.query('SELECT event_key, reason FROM analytics.sync_quarantine WHERE resolved_at IS NULL')).rows;

describe('a late buy', () => {
  const [first, sale, late] = [
    trade({tradeId: 'b1', side: 'buy', price: '10'}),
    trade({tradeId: 's', side: 'sell', price: '30', executedAt: NOON + 2 * HOUR, tradeType: 'closing'}),
    trade({tradeId: 'b2', side: 'buy', price: '20', executedAt: NOON + HOUR}),
  ];
  test.each([
    [
      'by event',
      async () => {
        for (const t of [first, sale, late]) await hear(t);
      },
    ],
    [
      'by table',
      async () => {
        for (const t of [first, sale, late]) {
          await insertRow(db.pool, t, true);
          await catchUp();
        }
      },
    ],
    [
      'by rebuild',
      async () => {
        for (const t of [first, sale, late]) await insertRow(db.pool, t);
        await rebuild();
      },
    ],
  ])('restates the sale after it, %s', async (_way, bring) => {
    await bring();
    expect(await realised()).toBe('1500.0000');
    expect(await rebuild()).toMatchObject({restated: 0, differences: []});
  });

  test('leaves a restatement that tells what, why and because of whom', async () => {
    await hear(first);
    await hear(sale);
    expect(await hear(late)).toMatchObject({trades: 1, restated: 1});
    expect(await one('SELECT trade_id, reason, cause, old_pnl, new_pnl, was FROM analytics.sync_restatements')).toEqual(
      {
        trade_id: 's',
        reason: 'late',
        cause: 'b2',
        old_pnl: '2000.0000',
        new_pnl: '1500.0000',
        was: null,
      },
    );
  });
});

describe('a row and its event', () => {
  test('that states neither side nor type has its order’s side, by event and by table', async () => {
    const [buy, sell] = [
      trade({tradeId: 'b', side: 'buy'}),
      trade({tradeId: 's', side: 'sell', price: '30', executedAt: NOON + HOUR}),
    ];
    for (const t of [buy, sell]) await insertRow(db.pool, t, true);
    await hear({...buy, side: undefined}, {...sell, side: undefined});
    expect(await realised()).toBe('2000.0000');
    await clear();
    for (const t of [buy, sell]) await insertRow(db.pool, t, true);
    await catchUp();
    expect(await realised()).toBe('2000.0000');
  });

  test('the row counts where they differ, whichever comes first', async () => {
    const [row, event] = [trade({side: 'buy', quantity: '100'}), trade({side: 'buy', quantity: '1000'})];
    await insertRow(db.pool, row);
    expect(await hear(event)).toMatchObject({trades: 1, quarantined: 1});
    expect(await booksOf(db.pool)).toEqual(modelBooks(modelEntries([{row, event}])));
    expect(await quarantined()).toMatchObject([
      {event_key: expect.stringMatching(/^t ≠ [0-9a-f]{12}$/), reason: 'quantity is 100.0000, not 1000'},
    ]);
    await clear();
    await hear(event);
    await insertRow(db.pool, row);
    await catchUp();
    expect(await booksOf(db.pool)).toEqual(modelBooks(modelEntries([{row, event}])));
    expect(
      await one(`SELECT reason, old_value, new_value, was->>'quantity' AS was FROM analytics.sync_restatements`),
    ).toMatchObject({
      reason: 'row',
      old_value: '10000.0000',
      new_value: '1000.0000',
      was: '1000',
    });
  });

  test('a row that is corrected, and one that is gone, restate what was counted', async () => {
    const [buy, sell] = [
      trade({tradeId: 'b', side: 'buy'}),
      trade({tradeId: 's', side: 'sell', price: '30', executedAt: NOON + HOUR, tradeType: 'closing'}),
    ];
    await insertRow(db.pool, buy);
    await insertRow(db.pool, sell);
    await hear(buy, sell);
    await db.pool.query(`UPDATE execution.trades SET price = 11 WHERE trade_id = 'b'`);
    await catchUp();
    expect(await realised()).toBe('1900.0000');
    await db.pool.query(`DELETE FROM execution.trades WHERE trade_id = 'b'`);
    await catchUp();
    expect(await booksOf(db.pool)).toEqual(modelBooks(modelEntries([{row: sell, event: sell}])));
    // Its event comes once more: the trade stays busted.
    expect(await hear(buy)).toMatchObject({trades: 0, quarantined: 0});
    expect(await booksOf(db.pool)).toEqual(modelBooks(modelEntries([{row: sell, event: sell}])));
  });
});

test('an event whose side a correction contradicts gives no figures any more, whichever comes first', async () => {
  const event = trade({side: 'buy', winRate: '1'});
  const row = trade({side: 'buy'});
  const correct = () => db.pool.query(`UPDATE execution.trades SET side = 'sell' WHERE trade_id = 't'`);
  const books = modelBooks(modelEntries([{row: {...row, side: 'sell'}, event}]));
  await insertRow(db.pool, row);
  await hear(event);
  await correct();
  await catchUp();
  expect(await booksOf(db.pool)).toEqual(books);
  await clear();
  await insertRow(db.pool, row);
  await correct();
  await hear(event);
  expect(await booksOf(db.pool)).toEqual(books);
});

describe('an id with two contents', () => {
  test.each([
    ['symbols', {symbol: 'ETH/USDT'}],
    ['accounts', {accountId: 'B'}],
    ['prices', {price: '11'}],
  ])('of two %s is a conflict, in one batch and in two', async (_what, other) => {
    const [first, second] = [
      trade({tradeId: '123457', side: 'buy'}),
      trade({tradeId: '123457', side: 'buy', ...other}),
    ];
    expect(await hear(first, second, first)).toMatchObject({trades: 1, quarantined: 1});
    expect(await quarantined()).toHaveLength(1);
    expect(await hear(second)).toMatchObject({trades: 0, quarantined: 1});
    expect(await quarantined()).toHaveLength(1);
    expect(await booksOf(db.pool)).toEqual(modelBooks(modelEntries([{row: undefined, event: first}])));
  });
});

test('the largest trade that its row can hold counts', async () => {
  const giant = trade({side: 'buy', quantity: '99999999999.9999', price: '99999999999.9999'});
  await insertRow(db.pool, giant);
  await hear(giant);
  const more = {...giant, tradeId: 'u' as TradeEvent['tradeId'], side: 'sell' as const};
  await insertRow(db.pool, more);
  await catchUp();
  expect(await booksOf(db.pool)).toEqual(modelBooks(modelEntries([giant, more].map(row => ({row, event: undefined})))));
});

test('a partial buy has no outcome', async () => {
  await hear(trade({side: 'buy', tradeType: 'partial'}));
  expect(await one('SELECT win FROM analytics.sync_ledger')).toEqual({win: null});
  expect(await one('SELECT win_count FROM analytics.performance_metrics')).toEqual({win_count: '0'});
});

test.each([
  ['ahead of the database’s clock', Date.UTC(2099, 0, 1) * 1000],
  ['before the year 2000', Date.UTC(1999, 11, 31) * 1000],
])('a trade that was executed %s is refused with the reason, by event and by table', async (why, executedAt) => {
  const odd = trade({executedAt, side: 'buy'});
  expect(await hear(odd)).toMatchObject({trades: 0, quarantined: 1});
  expect(await quarantined()).toMatchObject([{event_key: 't', reason: expect.stringContaining(why.replace('’', "'"))}]);
  await clear();
  await insertRow(db.pool, odd);
  await catchUp();
  expect(await quarantined()).toMatchObject([{event_key: 't', reason: expect.stringContaining(why.replace('’', "'"))}]);
  expect((await booksOf(db.pool)).ledger).toEqual([]);
});

test('whatever the order and the way by which trades come, the books are those of one pass in order of execution', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(life, {minLength: 1, maxLength: 25}), async specs => {
      await clear();
      const lives = specs.map((spec, i) => lived(spec, i, {pool: db.pool, hear, settle: settleRows}));
      for (const {run} of lives.flatMap(({ops}) => ops).toSorted((a, b) => a.rank - b.rank)) await run();
      await catchUp();
      // An event that contradicted what was known before its row came agrees now.
      await retryQuarantine(runnerOf(db));
      const books = modelBooks(modelEntries(lives.map(({truth}) => truth)));
      expect(await booksOf(db.pool)).toEqual(books);
      expect(await rebuild()).toMatchObject({recovered: 0, restated: 0, differences: [], errors: []});
      expect(await booksOf(db.pool)).toEqual(books);
      expect(
        await violations(db, ['data_ledger_trades', 'data_reckoning', 'data_analytics', 'data_trades_synced']),
      ).toEqual([]);
    }),
    {numRuns: 40, seed: 20_261_126},
  );
}, 240_000);
