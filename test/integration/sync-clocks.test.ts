import {Redis} from 'ioredis';
import pg from 'pg';
import {afterAll, afterEach, beforeAll, beforeEach, expect, test} from 'vitest';
import {parseRedisUrl} from '../../src/core/redis-url.ts';
import type {RedisServer} from '../../src/demo/redis.ts';
import type {TradeEvent} from '../../src/events/event.ts';
import {loadSql} from '../../src/io/sql.ts';
import {type SyncService, startSync} from '../../src/sync/service.ts';
import {cloneDesk, targetOf} from '../helpers/desk.ts';
import {analyticsOf, bookTrades, deskTrades, expectedAnalytics, tradeMessage} from '../helpers/desk-trades.ts';
import {type Database, ownRedis} from '../helpers/servers.ts';
import {type SyncChild, spawnSync} from '../helpers/sync-child.ts';
import {waitFor} from '../helpers/wait.ts';

const SILENT = {info: () => {}, warn: () => {}, error: () => {}};
const HOUR = 3_600_000;

let redis: RedisServer;
let desk: Database;
let pool: pg.Pool;
let bus: Redis;
let child: SyncChild | undefined;
let service: SyncService | undefined;

beforeAll(async () => {
  redis = await ownRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  desk = await cloneDesk();
  pool = new pg.Pool({...desk.config, max: 2});
  bus = new Redis(redis.url);
  bus.on('error', () => {});
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await child?.ended;
  await service?.stop(3000);
  [child, service] = [undefined, undefined];
  bus.disconnect();
  await pool.end();
  await desk.drop();
});

/** The synchroniser on a machine whose clock is wrong by so many milliseconds. */
const onWrongClock = (ms: number): SyncChild =>
  spawnSync(desk, desk.config.port, redis.url, ['--worker', 'one'], {
    env: {
      NODE_OPTIONS: `--import "data:text/javascript,const now=Date.now;Date.now=()=>now()+(${ms});globalThis.wrong=1"`,
    },
  });
const subscribed = () => waitFor('a subscription', async () => (await bus.call('PUBSUB', 'NUMPAT')) === 1, 30_000);
const gaps = async () =>
  (
    await pool.query(`SELECT reason, recovered::int, filled_at IS NOT NULL AS filled,
      abs(extract(epoch FROM ended_at - now())) < 60 AS now FROM analytics.sync_gaps ORDER BY id`)
  ).rows;
const safeWithin = (seconds: number) =>
  waitFor(`what is safe to be within ${seconds} s of the database's present`, async () => {
    const {rows} = await pool.query(
      `SELECT extract(epoch FROM now() - safe_at)::float8 AS behind FROM analytics.sync_workers WHERE safe_at IS NOT NULL`,
    );
    return Math.abs(rows[0]?.behind) < seconds;
  });
const publish = async (trades: readonly TradeEvent[], text: (message: string) => string = message => message) => {
  const line = bus.pipeline();
  for (const trade of trades) line.publish('data_sync:trades', text(tradeMessage(trade)));
  await line.exec();
};

test.each([
  ['ahead', 2 * HOUR],
  ['behind', -2 * HOUR],
])('a machine whose clock is hours %s finds what its gaps missed', {timeout: 60_000}, async (_name, wrong) => {
  const trades = deskTrades(60);
  child = onWrongClock(wrong);
  await subscribed();
  await safeWithin(10);
  await waitFor('the first gap to be filled', async () => (await gaps())[0]?.filled);
  // Nobody publishes these: only the gap that the lost connection leaves can bring them.
  await bookTrades(pool, trades.slice(0, 20));
  await bus.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await waitFor('the lost connection’s gap to be filled', async () => (await gaps())[1]?.filled);
  expect((await gaps()).slice(1)).toEqual([{reason: 'disconnect', recovered: 20, filled: true, now: true}]);
  child.kill('SIGTERM');
  expect(await child.ended).toBe(0);
  await bookTrades(pool, trades.slice(20, 40));
  // The clock was put right, and by more than that: what was written before is the database's time and still holds.
  child = onWrongClock(-wrong);
  await subscribed();
  await waitFor('the gap between the two runs to be filled', async () => (await gaps())[2]?.filled);
  expect((await gaps()).slice(2)).toEqual([{reason: 'restart', recovered: 20, filled: true, now: true}]);
  await publish(trades.slice(40));
  await waitFor('analytics to hold every trade once', async () => {
    expect(await analyticsOf(pool)).toEqual(expectedAnalytics(trades));
    return true;
  });
});

test.each([
  ['ahead', 5 * HOUR],
  ['behind', -5 * HOUR],
])('a publisher whose clock is hours %s moves neither what is safe nor the sweep', async (_name, wrong) => {
  const running = startSync({
    trading: targetOf(desk),
    redis: parseRedisUrl(redis.url),
    sql: loadSql(),
    log: SILENT,
    worker: 'one',
    times: {beat: 100, fill: 100, sweep: 300, fullSweep: 60_000, settle: 300, performance: 60_000},
  });
  service = running;
  await waitFor('the service to be well', () => running.trouble() === undefined && running.stats().gaps.filled > 0);
  const trades = deskTrades(30);
  const then = new Date(Date.now() + wrong).toISOString().replace('Z', '');
  const wrongly = (message: string) => message.replace(/"timestamp": "[^"]+"/, `"timestamp": "${then}"`);
  const holder = await pool.connect();
  try {
    // They are in the table for their cost, and older than a sweep looks back.
    await holder.query('BEGIN');
    await bookTrades(holder, trades.slice(0, 20));
    await holder.query(`UPDATE execution.trades SET created_at = now() - interval '2 days'`);
    await holder.query('COMMIT');
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE analytics.performance_metrics IN ACCESS EXCLUSIVE MODE');
    await publish(trades.slice(0, 10), wrongly);
    await waitFor('the events', () => running.stats().channels[0]?.received === 10);
    const {rows} = await holder.query('SELECT heartbeat_at FROM analytics.sync_workers');
    const told = await waitFor('a sign of life while they wait', async () => {
      const next = await pool.query(
        `SELECT extract(epoch FROM heartbeat_at - safe_at)::float8 AS behind FROM analytics.sync_workers WHERE heartbeat_at > $1`,
        [rows[0].heartbeat_at],
      );
      return next.rows[0];
    });
    expect(Math.abs(told.behind)).toBeLessThan(30);
  } finally {
    await holder.query('ROLLBACK');
    holder.release();
  }
  // While events with that time go by without end, a trade that nobody published is found all the same.
  await bookTrades(pool, trades.slice(20));
  await waitFor('the sweep to find what was not published', async () => {
    await publish(trades.slice(10, 20), wrongly);
    return running.stats().applied.recovered === 10;
  });
  await waitFor('analytics to hold every trade once', async () => {
    expect(await analyticsOf(pool)).toEqual(expectedAnalytics(trades));
    return true;
  });
});
