import type pg from 'pg';
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import type {Gate} from '../../../src/actions/gate.ts';
import * as actions from '../../../src/actions/index.ts';
import type {EditOptions, Outcome} from '../../../src/actions/plan.ts';
import type {Target} from '../../../src/actions/target.ts';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {sanitise} from '../../../src/core/sanitise.ts';
import {openPg, type Pg} from '../../../src/io/pg.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {batchOf} from '../../../src/sync/batch.ts';
import {fillTrades} from '../../../src/sync/fill.ts';
import {applyIsolated} from '../../../src/sync/isolate.ts';
import {type Bench, makeBench, newServer} from '../../helpers/desk/acting.ts';
import {booksOf, insertRow, modelBooks, modelEntries} from '../../helpers/desk/books-model.ts';
import {hearTrades} from '../../helpers/desk/settling.ts';

let bench: Bench;
let admin: pg.Client;
let gate: Gate;
let db: Pg;
beforeAll(async () => {
  bench = await makeBench(await newServer[1]());
  admin = bench.admin;
  const operator = await bench.role(['tradetop_operator']);
  gate = bench.gate(operator, {
    actions: Object.values(actions),
    operator: {osUser: sanitise('alice'), client: sanitise('desk-2')},
  });
  db = openPg(bench.config('postgres').trading, loadSql(), {name: 'books test', max: 2});
});
afterAll(async () => {
  await db?.close();
  await bench?.close();
});
beforeEach(() =>
  admin.query(`TRUNCATE analytics.sync_ledger, analytics.sync_pairs, analytics.sync_restatements, analytics.sync_marks,
    analytics.portfolio_summary, analytics.performance_metrics, analytics.sync_quarantine, execution.trades,
    execution.execution_logs, execution.orders`),
);

const NOON = Date.UTC(2026, 9, 20, 12) * 1000;
const trade = (fields: Partial<Record<keyof TradeEvent, unknown>>): TradeEvent =>
  ({accountId: 'A', symbol: 'IBM', quantity: '100', price: '10', executedAt: NOON, ...fields}) as TradeEvent;
const BUY = trade({tradeId: 'b', side: 'buy'});
const SELL = trade({
  tradeId: 's',
  side: 'sell',
  price: '30',
  executedAt: NOON + 1,
  tradeType: 'closing',
  realizedPnl: '1',
});
const hear = (...events: readonly TradeEvent[]) => hearTrades(db, ...events);
const trades = (id: string): Target => ({kind: 'rows', schema: 'execution', name: 'trades', keys: [id]});
const quarantined = (id: string): Target => ({kind: 'rows', schema: 'analytics', name: 'sync_quarantine', keys: [id]});
const act = async (id: string, target: Target, edit: EditOptions): Promise<Outcome> =>
  gate.run(await gate.plan(id, target, {edit}));
const refusal = async (id: string, target: Target, edit: EditOptions) => (await gate.plan(id, target, {edit})).refusal;
const books = (...truths: Parameters<typeof modelEntries>[0]) => modelBooks(modelEntries(truths));
const openOnes = async () =>
  (await admin.query('SELECT id::text, event_key FROM analytics.sync_quarantine WHERE resolved_at IS NULL')).rows;

describe('a trade', () => {
  beforeEach(async () => {
    await insertRow(db.pool, BUY);
    await insertRow(db.pool, SELL);
    await hear(BUY, SELL);
  });

  it('is corrected with all that comes after it, and recorded with the change itself', async () => {
    const outcome = await act('correct-trade', trades('b'), {trade: {price: '12.5'}, reason: 'the venue says so'});
    expect(outcome).toMatchObject({outcome: 'done', rows: 1});
    const row = {...BUY, price: '12.5'};
    expect(await booksOf(db.pool)).toEqual(books({row, event: BUY}, {row: SELL, event: SELL}));
    const {rows} = await admin.query(
      `SELECT operation, table_name, result, os_user, target, detail FROM shared.audit_log ORDER BY id DESC LIMIT 3`,
    );
    expect(rows.map(r => [r.operation, r.result])).toEqual([
      ['correct-trade', 'done'],
      ['correct-trade', 'applied'],
      ['correct-trade', 'started'],
    ]);
    expect(rows[1]).toMatchObject({os_user: 'alice', table_name: 'execution.trades', target: 'b'});
    expect(rows[1].detail).toEqual({
      changes: [
        {
          key: 'b',
          before: {price: '10.0000', quantity: '100.0000', side: 'buy'},
          after: {price: '12.5', reason: 'the venue says so'},
        },
      ],
    });
  });

  it('that stated its P&L has it reckoned when it is corrected, unless that is given too', async () => {
    await act('correct-trade', trades('s'), {trade: {price: '31'}, reason: 'typo'});
    const row = {...SELL, price: '31', realizedPnl: undefined};
    expect(await booksOf(db.pool)).toEqual(books({row: BUY, event: BUY}, {row, event: undefined}));
    await act('correct-trade', trades('s'), {trade: {realizedPnl: '7'}, reason: 'agreed'});
    expect(await booksOf(db.pool)).toEqual(
      books({row: BUY, event: BUY}, {row: {...row, realizedPnl: '7'}, event: undefined}),
    );
  });

  it('is busted for good', async () => {
    expect(await act('bust-trade', trades('b'), {reason: 'cancelled by the venue'})).toMatchObject({outcome: 'done'});
    expect(await booksOf(db.pool)).toEqual(books({row: SELL, event: SELL}));
    await hear(BUY);
    expect(await booksOf(db.pool)).toEqual(books({row: SELL, event: SELL}));
  });

  it.each([
    [{trade: {price: '0'}, reason: 'r'}, 'The price must be above 0.'],
    [{trade: {price: 'ten'}, reason: 'r'}, 'The price must be a number, as 12.5.'],
    [{trade: {side: 'hold'}, reason: 'r'}, 'A side is buy or sell.'],
    [{trade: {executedAt: 'yesterday'}, reason: 'r'}, 'A time is as 2026-11-26T09:30:00Z.'],
    [{trade: {}, reason: 'r'}, 'Nothing to correct was given: --price, --quantity, --side and others.'],
    [{trade: {price: '1'}}, 'Give the reason, which the records keep: --reason TEXT.'],
    [{trade: {price: '1'}, reason: '  '}, 'Give the reason, which the records keep: --reason TEXT.'],
  ])('is not corrected by %j', async (edit, why) => {
    expect(await refusal('correct-trade', trades('b'), edit)).toBe(why);
  });

  it('that is not there, or by a user who may not, is left alone', async () => {
    expect(await refusal('bust-trade', trades('nobody'), {reason: 'r'})).toBe(
      'There is no trade nobody in execution.trades.',
    );
    const monitor = bench.gate(await bench.role(['tradetop_monitor']), {actions: Object.values(actions)});
    expect((await monitor.plan('bust-trade', trades('b'), {edit: {reason: 'r'}})).refusal).toBe(
      'This user may not change trades: connect as tradetop_operator.',
    );
  });

  it('whose correction cannot count leaves row, ledger and records as they were', async () => {
    const before = await booksOf(db.pool);
    const outcome = await act('correct-trade', trades('b'), {trade: {executedAt: '2099-01-01T00:00:00Z'}, reason: 'r'});
    expect(outcome).toMatchObject({
      outcome: 'failed',
      summary: expect.stringContaining("ahead of the database's clock"),
    });
    expect(await booksOf(db.pool)).toEqual(before);
    const {rows} = await admin.query(
      `SELECT executed_at < '2027-01-01' AS kept FROM execution.trades WHERE trade_id = 'b'`,
    );
    expect(rows).toEqual([{kept: true}]);
    const applied = await admin.query(
      `SELECT FROM shared.audit_log WHERE result = 'applied' AND detail::text LIKE '%2099%'`,
    );
    expect(applied.rowCount).toBe(0);
  });
});

describe('an event in quarantine', () => {
  it('that contradicts its row corrects the row when it is accepted', async () => {
    await insertRow(db.pool, BUY);
    const told = {...BUY, price: '11'} as TradeEvent;
    await hear(told);
    const [{id}] = await openOnes();
    expect(await act('accept-quarantine', quarantined(id), {reason: 'the event is right'})).toMatchObject({
      outcome: 'done',
    });
    expect(await booksOf(db.pool)).toEqual(books({row: told, event: told}));
    expect(await openOnes()).toEqual([]);
    const {rows} = await admin.query('SELECT resolution, resolved_by, note FROM analytics.sync_quarantine');
    expect(rows).toEqual([{resolution: 'accepted', resolved_by: 'alice from desk-2', note: 'the event is right'}]);
  });

  it('that contradicts the ledger takes its place where there is no row', async () => {
    const told = {...BUY, price: '11'} as TradeEvent;
    await hear(BUY);
    await hear(told);
    const [{id}] = await openOnes();
    await act('accept-quarantine', quarantined(id), {reason: 'r'});
    expect(await booksOf(db.pool)).toEqual(books({row: undefined, event: told}));
  });

  it('of a time ahead of the clock counts when it is accepted, as trade, position and price', async () => {
    const ahead = Date.UTC(2099, 0, 1) * 1000;
    await hear({...BUY, executedAt: ahead} as TradeEvent);
    const at = {at: NOON, receivedAt: NOON, since: NOON, asOf: ahead};
    await applyIsolated(
      db,
      batchOf([
        {kind: 'market_data', key: 'IBM', price: '5', ...at},
        {
          kind: 'positions',
          key: 'A\u001fIBM',
          accountId: 'A',
          symbol: 'IBM',
          quantity: '1',
          avgPrice: '1',
          realizedPnl: undefined,
          ...at,
        },
      ]),
    );
    const waiting = await openOnes();
    expect(waiting).toHaveLength(3);
    for (const {id} of waiting) {
      expect(await act('accept-quarantine', quarantined(id), {reason: 'a test of the far future'})).toMatchObject({
        outcome: 'done',
      });
    }
    const {rows} = await admin.query(`SELECT (SELECT count(*)::int FROM analytics.sync_ledger) AS trades,
      (SELECT price::text FROM analytics.sync_marks) AS price, (SELECT quantity::text FROM analytics.portfolio_summary) AS quantity`);
    expect(rows).toEqual([{trades: 1, price: '5.0000', quantity: '1.0000'}]);
  });

  it('never counts once it is rejected, by event and from its row', async () => {
    const odd = {...BUY, executedAt: Date.UTC(2099, 0, 1) * 1000} as TradeEvent;
    await insertRow(db.pool, odd);
    await hear(odd);
    const [{id}] = await openOnes();
    expect(await act('reject-quarantine', quarantined(id), {reason: 'a test order'})).toMatchObject({outcome: 'done'});
    await hear(odd);
    await fillTrades(db, {since: null, until: null});
    expect(await openOnes()).toEqual([]);
    expect((await booksOf(db.pool)).ledger).toEqual([]);
    expect(await refusal('reject-quarantine', quarantined(id), {reason: 'r'})).toBe(
      `Event ${id} was rejected already.`,
    );
  });

  it('is not decided without a reason, or where there is none', async () => {
    expect(await refusal('reject-quarantine', quarantined('99'), {reason: 'r'})).toBe(
      'There is no event 99 in quarantine.',
    );
    expect(await refusal('accept-quarantine', quarantined('99'), {})).toBe(
      'Give the reason, which the records keep: --reason TEXT.',
    );
  });
});
