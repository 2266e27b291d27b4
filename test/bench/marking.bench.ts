import {Redis} from 'ioredis';
import {isoMicros, nowMicros} from '../../src/core/time.ts';
import {startPostgres} from '../../src/demo/postgres.ts';
import {type RedisServer, startRedis} from '../../src/demo/redis.ts';
import {openPg, type Pg} from '../../src/io/pg.ts';
import {parseRedisUrl} from '../../src/io/redis-url.ts';
import {loadSql} from '../../src/io/sql.ts';
import {setUp} from '../../src/setup/setup.ts';
import {type SyncService, startSync} from '../../src/sync/service.ts';
import {targetOf} from '../helpers/desk/desk.ts';
import {waitFor} from '../helpers/servers/wait.ts';
import {quantile} from './measure.ts';
import type {Bench, Report} from './report.ts';
import {tradeText} from './synthetic-trades.ts';

const ROWS = 100_000;
const RATE = 200;
const SECONDS = 15;
const LIMIT_MS = 250;
const SYMBOLS = ['AAPL', 'MSFT', 'NVDA', 'AMZN', 'GOOG', 'META', 'TSLA', 'AMD'];

/** What a trade waits for its commit beside 100,000 positions, and as many views of them, that are to be marked. */
export const bench: Bench = async report => {
  const [postgres, redis] = await Promise.all([startPostgres({fsync: true}), startRedis()]);
  const target = targetOf({...postgres, database: 'trading_system'});
  const sql = loadSql();
  const db = openPg(target, sql, {name: 'bench', statementMs: 120_000, lockMs: 10_000});
  try {
    await setUp({
      trading: target,
      prefect: {database: 'prefect', owner: 'prefect'},
      sql,
      only: ['databases', 'roles', 'tables', 'indexes'],
    });
    const lags: number[] = [];
    const service = startSync({
      trading: target,
      redis: parseRedisUrl(redis.url),
      sql,
      log: {info: () => {}, warn: () => {}, error: () => {}},
      worker: 'bench',
      onCommit: ({commitLagsMs}) => lags.push(...commitLagsMs),
    });
    const isReady = () => service.trouble() === undefined && service.stats().gaps.filled > 0;
    await waitFor('the service to be well', isReady, 30_000);
    const alone = await quantiles({redis, service, lags, prefix: 'a'});
    await havePositions(db);
    const beside = await quantiles({redis, service, lags, prefix: 'b', close: 100});
    reportLags(report, alone, beside);
    await service.stop();
  } finally {
    await db.close();
    await Promise.all([postgres.stop(), redis.stop()]);
  }
};

/** Among them are those of the accounts that trade. */
async function havePositions(db: Pg): Promise<void> {
  await db.pool.query(
    `INSERT INTO execution.positions (account_id, symbol, quantity, avg_price)
     SELECT 'ACC-0' || n / 8, ($2::text[])[n % 8 + 1], 1 + n % 500, 90 FROM generate_series(0, $1::int - 1) AS n`,
    [ROWS, SYMBOLS],
  );
  await db.pool.query(`INSERT INTO analytics.portfolio_summary AS p (account_id, symbol, quantity, avg_price, position_at)
    SELECT account_id, symbol, quantity, avg_price, last_updated FROM execution.positions
    ON CONFLICT (account_id, symbol) DO UPDATE
       SET quantity = excluded.quantity, avg_price = excluded.avg_price, position_at = excluded.position_at`);
  await db.pool.query('VACUUM ANALYZE execution.positions, analytics.portfolio_summary');
}

type Load = {
  readonly redis: RedisServer;
  readonly service: SyncService;
  readonly lags: number[];
  readonly prefix: string;
  /** The first close of every symbol; a new one comes each second, which makes all positions due. */
  readonly close?: number;
};

type Lags = {readonly median: number; readonly p99: number; readonly worst: number; readonly behind: number};

async function quantiles({redis, service, lags, prefix, close}: Load): Promise<Lags> {
  const bus = new Redis(redis.url);
  const done = service.stats().applied.trades;
  lags.length = 0;
  let [sent, second, behind] = [0, -1, 0];
  for (const start = performance.now(); sent < RATE * SECONDS; ) {
    const elapsed = (performance.now() - start) / 1000;
    if (close !== undefined && Math.floor(elapsed) > second) {
      second = Math.floor(elapsed);
      for (const symbol of SYMBOLS) void bus.publish('data_sync:market_data', priceText(symbol, close + second));
    }
    for (const due = Math.min(elapsed * RATE, RATE * SECONDS); sent < due; sent++) {
      void bus.publish('data_sync:trades', tradeText(prefix, sent, isoMicros(nowMicros()).slice(0, -1)));
    }
    behind = Math.max(behind, service.stats().marking.behind ?? 0);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  await waitFor('every trade to be committed', () => service.stats().applied.trades - done === sent, 60_000);
  bus.disconnect();
  return {median: quantile(lags, 0.5), p99: quantile(lags, 0.99), worst: quantile(lags, 1), behind};
}

const priceText = (symbol: string, close: number): string =>
  `{"type": "market_data_updated", "service": "data_ingestion", "data": {"symbol": "${symbol}", "close": ${close}}, "timestamp": "${isoMicros(nowMicros()).slice(0, -1)}"}`;

function reportLags(report: Report, alone: Lags, beside: Lags): void {
  const baselineIs = 'with nothing to mark';
  const name = 'publish → committed beside 100,000 positions to be marked';
  const figure = (which: string, value: number, baseline: number) =>
    ({name: `${name}, ${which}`, value, unit: 'ms', baseline, baselineIs, ratio: value / baseline}) as const;
  report.row(figure('median', beside.median, alone.median));
  const met = beside.p99 <= LIMIT_MS;
  report.row({...figure('99th percentile', beside.p99, alone.p99), aim: `≤ ${LIMIT_MS} ms`, met});
  report.row(figure('worst', beside.worst, alone.worst));
  report.log(`marks behind: at most ${beside.behind}`);
}
