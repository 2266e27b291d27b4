import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {openPg, type Pg} from '../../../src/io/pg.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {batchOf} from '../../../src/sync/batch.ts';
import {applyIsolated} from '../../../src/sync/isolate.ts';
import {rebuildAnalytics} from '../../../src/sync/rebuild.ts';
import {runnerOf} from '../../../src/sync/session.ts';
import {syncEventOf} from '../../../src/sync/sync-event.ts';
import {type Bench, makeBench, newServer} from '../../helpers/desk/acting.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import {
  analyticsOf,
  bookTrades,
  deskTrades,
  expectedAnalytics,
  tradeEvent,
  withOwnFigures,
} from '../../helpers/desk/desk-trades.ts';

let db: Pg;
let drop: () => Promise<void>;
beforeAll(async () => {
  const desk = await cloneDesk();
  db = openPg(targetOf(desk), loadSql(), {name: 'rebuild test', max: 6, lockMs: 10_000});
  drop = desk.drop;
});
beforeEach(() =>
  db.pool.query(`TRUNCATE analytics.sync_ledger, analytics.portfolio_summary, analytics.performance_metrics,
    analytics.sync_quarantine, analytics.sync_workers, execution.trades, execution.execution_logs, execution.orders, execution.positions`),
);
afterAll(async () => {
  await db.close();
  await drop();
});

const apply = (trades: readonly TradeEvent[]) =>
  applyIsolated(db, batchOf(trades.map(t => syncEventOf(tradeEvent(t)))));
const rebuild = () => rebuildAnalytics(runnerOf(db));
const CLEAN = {recovered: 0, restated: 0, positions: 0, differences: [], errors: [], stopped: false};

describe('a rebuild', () => {
  test('finds nothing to do after the synchroniser', async () => {
    const trades = withOwnFigures(deskTrades(200));
    await bookTrades(db.pool, trades);
    await apply(trades);
    expect(await rebuild()).toEqual({accounts: 3, ...CLEAN});
    expect(await analyticsOf(db.pool)).toEqual(expectedAnalytics(trades));
  });

  test('computes all of analytics from the tables alone', async () => {
    const trades = deskTrades(300, 2);
    await bookTrades(db.pool, trades);
    expect(await rebuild()).toMatchObject({accounts: 3, recovered: 300, differences: [], errors: []});
    expect(await analyticsOf(db.pool)).toEqual(expectedAnalytics(trades));
    expect(await rebuild()).toEqual({accounts: 3, ...CLEAN});
  });

  test('corrects and reports every figure that someone changed', async () => {
    const trades = withOwnFigures(deskTrades(100, 3));
    await bookTrades(db.pool, trades);
    await apply(trades);
    await db.pool.query(`UPDATE analytics.portfolio_summary SET realized_pnl = realized_pnl + 1.5
      WHERE (account_id, symbol) = ('ACC-1', 'MSFT')`);
    await db.pool.query(
      `UPDATE analytics.performance_metrics SET win_count = win_count + 2 WHERE strategy = 'momentum'`,
    );
    await db.pool.query(
      `INSERT INTO analytics.portfolio_summary (account_id, symbol, total_value) VALUES ('NOBODY', 'X', 7)`,
    );
    const {rows} = await db.query('verify/data_analytics', [null]).then(rows => ({rows}));
    expect(rows.map(row => row.key)).toEqual(['momentum 2026-11-20', 'ACC-1 MSFT', 'NOBODY X']);
    const {differences} = await rebuild();
    expect(differences.map(({key, figure}) => `${key} ${figure}`)).toEqual([
      'momentum 2026-11-20 trades with an outcome',
      'ACC-1 MSFT realised P&L',
      'NOBODY X total value',
    ]);
    expect(differences[2]).toMatchObject({was: '7.0000', is: '0'});
    expect(await analyticsOf(db.pool)).toEqual(expectedAnalytics(trades));
    expect(await db.query('verify/data_analytics', [null])).toEqual([]);
  });

  test('loses nothing and counts nothing twice while workers apply the same trades', async () => {
    const trades = deskTrades(600, 4);
    await bookTrades(db.pool, trades);
    const work = async (): Promise<void> => {
      for (let at = 0; at < trades.length; at += 20) await apply(trades.slice(at, at + 20));
    };
    const [, ...results] = await Promise.all([work(), rebuild(), rebuild()]);
    expect(results.flatMap(result => result.differences)).toEqual([]);
    expect(await analyticsOf(db.pool)).toEqual(expectedAnalytics(trades));
    expect(await rebuild()).toEqual({accounts: 3, ...CLEAN});
  });
});

test('verification finds trades that never reached analytics, and ledger entries without a trade', async () => {
  const trades = deskTrades(3, 5);
  await bookTrades(db.pool, trades.slice(0, 2));
  await apply(trades.slice(1));
  await db.pool.query(`UPDATE execution.trades SET created_at = now() - interval '3 min'`);
  await db.pool.query(`UPDATE analytics.sync_ledger SET applied_at = now() - interval '11 min'`);
  expect(await db.query('verify/data_trades_synced', [null])).toEqual([]);
  await db.pool.query(`INSERT INTO analytics.sync_workers (worker, mode, host, pid, started_at, heartbeat_at)
    VALUES ('w', 'pubsub', 'h', 1, now(), now())`);
  expect((await db.query('verify/data_trades_synced', [null])).map(row => row.trade_id)).toEqual(['t0']);
  expect((await db.query('verify/data_ledger_trades', [null])).map(row => row.trade_id)).toEqual(['t2']);
});

describe('tradetop maintain', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await makeBench(await newServer[1]());
  });
  afterAll(() => bench.close());
  const DATABASE = {kind: 'database'} as const;

  test('rebuild-analytics reports what it corrected', async () => {
    const gate = bench.gate(await bench.role(['tradetop_operator']));
    const trades = deskTrades(20, 6);
    await bookTrades(bench.admin as never, trades);
    const plan = await gate.plan('rebuild-analytics', DATABASE);
    expect(plan.refusal).toBeUndefined();
    const outcome = await gate.run(plan);
    expect(outcome).toMatchObject({outcome: 'done', rows: 20});
    expect(outcome.summary).toMatch(/3 accounts rebuilt; 20 trades that analytics lacked/);
    expect(await analyticsOf(bench.admin as never)).toEqual(expectedAnalytics(trades));
    expect((await gate.run(await gate.plan('rebuild-analytics', DATABASE))).summary).toMatch(/no difference/);
  });

  test('retry-quarantine applies what can be applied now', async () => {
    const gate = bench.gate(await bench.role(['tradetop_operator']));
    const [trade] = deskTrades(1, 7, 'q') as [TradeEvent];
    await bench.admin.query(
      `INSERT INTO analytics.sync_quarantine (kind, event_key, event, reason) VALUES ('trades', $1, $2, 'it was full')`,
      [trade.tradeId, JSON.stringify(syncEventOf(tradeEvent(trade)))],
    );
    const outcome = await gate.run(await gate.plan('retry-quarantine', DATABASE));
    expect(outcome).toMatchObject({outcome: 'done', rows: 1, summary: '1 event applied; 0 refused.'});
    expect((await gate.plan('retry-quarantine', DATABASE)).facts[0]?.value).toBe('0 events');
  });

  test('is refused to a role that may not write analytics', async () => {
    const gate = bench.gate(await bench.role(['tradetop_monitor']));
    expect((await gate.plan('rebuild-analytics', DATABASE)).refusal).toMatch(
      /may not write analytics: connect as tradetop_operator/,
    );
  });
});
