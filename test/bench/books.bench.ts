import {createGate} from '../../src/actions/gate.ts';
import * as actions from '../../src/actions/index.ts';
import type {TradeEvent} from '../../src/bus/kinds/trades.ts';
import {loadConfig} from '../../src/config/config.ts';
import {type PostgresServer, startPostgres} from '../../src/demo/postgres.ts';
import {openPg, type Pg} from '../../src/io/pg.ts';
import {loadSql} from '../../src/io/sql.ts';
import {setUp} from '../../src/setup/setup.ts';
import {batchOf} from '../../src/sync/batch.ts';
import {fillTrades, settleDiffering} from '../../src/sync/fill.ts';
import {applyIsolated} from '../../src/sync/isolate.ts';
import {syncEventOf} from '../../src/sync/sync-event.ts';
import {closeBooks, keepOpen} from '../helpers/desk/closings.ts';
import {targetOf} from '../helpers/desk/desk.ts';
import {tradeEvent} from '../helpers/desk/desk-trades.ts';
import {quantile} from './measure.ts';
import type {Bench, Report} from './report.ts';

// The aims apply to TRADETOP_BENCH_TRADES=1000000, which takes some minutes. The default is a fifth of that.
const TRADES = Number(process.env.TRADETOP_BENCH_TRADES ?? 200_000);
const FEW = 1000;
const BATCH = 200;
const RUNS = 25;
/** The trades of the last two days, whatever lies before. */
const RECENT = 20_000;

/** What history costs: the same batch, sweep and late trade with few trades before it and with many. */
export const bench: Bench = async report => {
  const server = await startPostgres({fsync: true, settings: {shared_buffers: '512MB', max_wal_size: '4GB'}});
  try {
    const few = await openDesk(server, 'few');
    const many = await openDesk(server, 'many');
    await fillWith(few, FEW);
    const seconds = await fillWith(many, TRADES);
    report.row({
      name: `first fill of ${TRADES} trades`,
      value: seconds,
      unit: 's',
      ...(TRADES >= 1e6 ? {aim: '≤ 120 s', met: seconds <= 120} : {}),
    });
    await batches(few, many, report);
    await weight(many, report);
    await sweeps(few, many, report);
    await late(many, report);
    await closing(server, many, report);
    await Promise.all([few.close(), many.close()]);
  } finally {
    await server.stop();
  }
};

async function openDesk(server: PostgresServer, database: string): Promise<Pg> {
  const trading = targetOf({...server, database});
  await setUp({
    trading,
    prefect: {database: `${database}_prefect`, owner: 'prefect'},
    sql: loadSql(),
    only: ['databases', 'roles', 'tables', 'indexes'],
  });
  return openPg(trading, loadSql(), {name: 'bench', max: 1, statementMs: 600_000, lockMs: 10_000});
}

/** Books trades of one account and symbol, one a second up to two days ago, and settles them. Gives the seconds of that. */
async function fillWith(db: Pg, trades: number): Promise<number> {
  await db.pool.query(
    `INSERT INTO execution.trades (trade_id, account_id, symbol, side, quantity, price, commission, executed_at, strategy,
       trade_type, created_at)
     SELECT 'h' || n, 'A', 'IBM', (CASE WHEN n % 9 < 5 THEN 'buy' ELSE 'sell' END)::execution.order_side, 1 + n % 500,
            100 + n % 50, 1, at, 'm', 'partial', at
       FROM generate_series(1, $1::int) AS n, LATERAL (SELECT now() - interval '2 days' - ($1 - n) * interval '20 s' AS at) AS t`,
    [trades],
  );
  await db.pool.query('VACUUM ANALYZE execution.trades');
  const start = performance.now();
  await fillTrades(db, {since: null, until: null});
  const seconds = (performance.now() - start) / 1000;
  await db.pool.query('VACUUM ANALYZE analytics.sync_ledger');
  return seconds;
}

let made = 0;
const trade = (at: number): TradeEvent =>
  ({
    tradeId: `e${made++}`,
    accountId: 'A',
    symbol: 'IBM',
    side: made % 2 ? 'buy' : 'sell',
    quantity: '10',
    price: '101',
    commission: '1',
    executedAt: at,
    strategy: 'm',
    tradeType: 'partial',
  }) as TradeEvent;

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

async function batches(few: Pg, many: Pg, report: Report): Promise<void> {
  const times = {few: [] as number[], many: [] as number[]};
  let at = Date.now() * 1000 - 86_400_000_000;
  // In turn, so that other load on the machine slows both.
  for (let i = 0; i < RUNS; i++) {
    const events = Array.from({length: BATCH}, (_, n) => syncEventOf(tradeEvent(trade(at + n * 1000))));
    at += BATCH * 1000;
    times.few.push(await timed(() => applyIsolated(few, batchOf(events))));
    times.many.push(await timed(() => applyIsolated(many, batchOf(events))));
  }
  const [baseline, value] = [quantile(times.few, 0.5), quantile(times.many, 0.5)];
  report.row({
    name: `a batch of ${BATCH} trades after ${TRADES} of the pair, median`,
    value,
    unit: 'ms',
    baseline,
    baselineIs: `after ${FEW}`,
    ratio: value / baseline,
    aim: '≤ 1.3×',
    met: value / baseline <= 1.3,
  });
}

async function sweeps(few: Pg, many: Pg, report: Report): Promise<void> {
  const since = new Date(Date.now() - 48 * 3_600_000).toISOString();
  for (const db of [few, many]) {
    // What lies before was applied when it was executed: a sweep looks at the window's rows, and at what was applied in it.
    await db.pool.query('UPDATE analytics.sync_ledger SET applied_at = executed_at');
    // Entries are written in the order in which they are applied: not into the room that this UPDATE leaves.
    await db.pool.query('VACUUM FULL analytics.sync_ledger');
    await db.pool.query(
      `INSERT INTO execution.trades (trade_id, account_id, symbol, side, quantity, price, executed_at, strategy)
       SELECT 'r' || n, 'B', 'IBM', 'buy', 1, 100, now() - interval '1 day' + n * interval '1 s', 'm'
         FROM generate_series(1, $1::int) AS n`,
      [RECENT],
    );
    await fillTrades(db, {since, until: null});
    await db.pool.query('VACUUM ANALYZE execution.trades, analytics.sync_ledger');
  }
  const sweep = (db: Pg) =>
    timed(async () => {
      await fillTrades(db, {since, until: null});
      await settleDiffering(db, since);
    });
  const times = {few: [] as number[], many: [] as number[]};
  for (let i = 0; i < 5; i++) {
    times.few.push(await sweep(few));
    times.many.push(await sweep(many));
  }
  const [baseline, value] = [quantile(times.few, 0.5), quantile(times.many, 0.5)];
  report.row({
    name: `a wide sweep with ${RECENT} trades in its 48 h, after ${TRADES}`,
    value,
    unit: 'ms',
    baseline,
    baselineIs: `after ${FEW}`,
    ratio: value / baseline,
    aim: '≤ 2×',
    met: value / baseline <= 2,
  });
}

async function late(db: Pg, report: Report): Promise<void> {
  const event = syncEventOf(tradeEvent(trade(Date.now() * 1000 - 2 * 86_400_000_000 - 1000 * 20_000_000)));
  const ms = await timed(() => applyIsolated(db, batchOf([event])));
  report.row({name: `a trade that comes ${1000 + RUNS * BATCH} trades late`, value: ms, unit: 'ms'});
}

/** What a closing of all trades but this month's costs, and a batch after it. */
async function closing(server: PostgresServer, db: Pg, report: Report): Promise<void> {
  const {host, port, user, password} = server;
  const flags = {host, port, user, database: 'many'};
  const config = loadConfig(flags, {TRADING_DB_PASSWORD: password, HOME: '/nonexistent'});
  const gate = createGate({config, sql: loadSql(), actions: Object.values(actions), name: 'bench', lockMs: 10_000});
  try {
    await keepOpen(db.pool, 0);
    const start = performance.now();
    const outcome = await closeBooks(gate, new Date(Date.now() - 4 * 86_400_000).toISOString().slice(0, 7));
    const seconds = (performance.now() - start) / 1000;
    if (outcome.outcome !== 'done') throw new Error(outcome.summary);
    // From the closing's transaction, which begins by taking the lock, to the first batch that is moved.
    const {rows} = await db.pool.query(`SELECT trades::int,
      extract(epoch FROM (SELECT min(archived_at) FROM analytics.archived_sync_ledger) - closed_at)::float8 AS held
      FROM analytics.book_closings`);
    const {trades, held} = rows[0];
    if (trades === 0) return report.log('no trade is old enough for a closing: TRADETOP_BENCH_TRADES=200000');
    report.row({name: `closing ${trades} trades: trades wait`, value: held, unit: 's'});
    const {rows: sizes} = await db.pool.query(`SELECT inhparent::regclass::text AS archive,
      sum(pg_total_relation_size(inhrelid))::float8 AS bytes FROM pg_inherits JOIN pg_class ON pg_class.oid = inhparent
      WHERE relkind = 'p' AND relname LIKE 'archived%' GROUP BY inhparent ORDER BY 1`);
    for (const {archive, bytes} of sizes)
      report.row({name: `a trade in ${archive}, with its indexes`, value: bytes / trades, unit: 'bytes'});
    report.row({
      name: 'trades moved into the archives, pauses included',
      value: trades / (seconds - held),
      unit: 'a second',
    });
  } finally {
    await gate.close();
  }
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const now = Date.now() * 1000 - RUNS * BATCH * 1000;
    const events = Array.from({length: BATCH}, (_, n) => syncEventOf(tradeEvent(trade(now + (i * BATCH + n) * 1000))));
    times.push(await timed(() => applyIsolated(db, batchOf(events))));
  }
  report.row({name: `a batch of ${BATCH} trades after a closing, median`, value: quantile(times, 0.5), unit: 'ms'});
}

/** Bytes that a trade takes in the books, its indexes included. */
async function weight(db: Pg, report: Report): Promise<void> {
  for (const table of ['execution.trades', 'analytics.sync_ledger']) {
    const {rows} = await db.pool.query(
      `SELECT pg_total_relation_size($1::regclass)::float8 / (SELECT count(*) FROM analytics.sync_ledger) AS bytes`,
      [table],
    );
    report.row({name: `a trade in ${table}, with its indexes`, value: rows[0].bytes, unit: 'bytes'});
  }
}
