import pg from 'pg';
import {type SafeText, sanitise} from '../../src/core/sanitise.ts';
import {startPostgres} from '../../src/demo/postgres.ts';
import {parseRedisUrl} from '../../src/io/redis-url.ts';
import {loadSql} from '../../src/io/sql.ts';
import {setUp} from '../../src/setup/setup.ts';
import {type SyncOptions, type SyncService, startSync} from '../../src/sync/service.ts';
import {targetOf} from '../helpers/desk/desk.ts';
import {bookTrades, deskTrades} from '../helpers/desk/desk-trades.ts';
import {waitFor} from '../helpers/servers/wait.ts';
import {quantile} from './measure.ts';
import type {Report} from './report.ts';
import {reviewBaseline} from './review-design.ts';

const TRADES = Number(process.env.TRADETOP_BENCH_EVENTS ?? 60_000);
const LAG_SECONDS = 10;
const LAG_RATE = 1000;
const LIMIT_MS = 300_000;

/** The slot mode, on its own PostgreSQL with fsync on and no Redis. */
export async function slotSource(report: Report): Promise<void> {
  const postgres = await startPostgres({fsync: true, settings: {wal_level: 'logical'}});
  const target = targetOf({...postgres, database: 'trading_system'});
  const prefect = {database: 'prefect', owner: 'prefect'};
  const {host, port, user, password} = postgres;
  const pool = new pg.Pool({host, port, user, password, database: 'trading_system', ssl: false, max: 1});
  try {
    await setUp({trading: target, prefect, sql: loadSql(), only: ['databases', 'roles', 'tables', 'indexes']});
    const start = async (onCommit?: SyncOptions['onCommit']): Promise<SyncService> => {
      const silent = {info: () => {}, warn: () => {}, error: () => {}};
      const redis = parseRedisUrl('redis://127.0.0.1:1/0');
      const more = onCommit ? {onCommit} : {};
      const service = startSync({
        mode: 'slot',
        trading: target,
        redis,
        sql: loadSql(),
        log: silent,
        worker: 'bench',
        ...more,
      });
      await waitFor('the service to be well', () => service.trouble() === undefined, 30_000);
      return service;
    };
    await lag(pool, start, report);
    const before = await reviewBaseline(postgres, 3);
    const rate = await throughput(pool, start);
    await pool.query('DROP SCHEMA review CASCADE');
    const baseline = (before + (await reviewBaseline(postgres, 3))) / 2;
    const ratio = rate / baseline;
    report.row({
      name: 'trades from the WAL into analytics, fsync on',
      value: rate,
      unit: '/s',
      baseline,
      baselineIs: 'two upserts and a commit for each event',
      ratio,
      aim: '≥ 20×',
      met: ratio >= 20,
    });
  } finally {
    await pool.end();
    await postgres.stop();
  }
}

type Start = (onCommit?: SyncOptions['onCommit']) => Promise<SyncService>;

/** From the commit of trades, which a service makes every 10 ms, to that of what they come to. */
async function lag(pool: pg.Pool, start: Start, report: Report): Promise<void> {
  const lags: number[] = [];
  const service = await start(({commitLagsMs}) => lags.push(...commitLagsMs));
  const trades = deskTrades(LAG_RATE * LAG_SECONDS, 3, 'l');
  const began = performance.now();
  for (let sent = 0; sent < trades.length; ) {
    const due = Math.min(Math.floor((performance.now() - began) * (LAG_RATE / 1000)), trades.length);
    if (due > sent) await bookTrades(pool, trades.slice(sent, due));
    sent = due;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  await waitFor('every trade to be committed', () => lags.length === trades.length, LIMIT_MS);
  await service.stop();
  for (const [name, value, limit] of [
    ['median', quantile(lags, 0.5), 50],
    ['99th percentile', quantile(lags, 0.99), 250],
  ] as const) {
    report.row({
      name: `slot: commit → committed at ${LAG_RATE} trades/s, ${name}`,
      value,
      unit: 'ms',
      aim: `< ${limit} ms`,
      met: value < limit,
    });
  }
}

/** Trades a second of a worker that has all of them before it. */
async function throughput(pool: pg.Pool, start: Start): Promise<number> {
  // Of accounts of their own: later than all of their trades, as trades are.
  const own = (account: string): SafeText => sanitise(`W-${account}`);
  // A trade each 17 s: the last one must not lie ahead of the clock, where it would be refused.
  const back = TRADES * 18_000_000;
  const trades = deskTrades(TRADES, 4, 'w').map(trade => ({
    ...trade,
    accountId: own(trade.accountId),
    executedAt: (trade.executedAt ?? 0) - back,
  }));
  for (let at = 0; at < trades.length; at += 500) await bookTrades(pool, trades.slice(at, at + 500));
  let done = 0;
  const began = performance.now();
  const service = await start(batch => {
    done += batch.trades;
  });
  await waitFor('every trade to be applied', () => done === trades.length, LIMIT_MS);
  const rate = (trades.length / (performance.now() - began)) * 1000;
  await service.stop();
  return rate;
}
