import {Redis} from 'ioredis';
import pg from 'pg';
import {afterAll, afterEach, beforeAll, expect, test} from 'vitest';
import type {PgTarget} from '../../src/config.ts';
import {parseRedisUrl} from '../../src/core/redis-url.ts';
import {secret} from '../../src/core/secret.ts';
import type {PostgresServer} from '../../src/demo/postgres.ts';
import type {RedisServer} from '../../src/demo/redis.ts';
import type {TradeEvent} from '../../src/events/event.ts';
import {openPg} from '../../src/io/pg.ts';
import {loadSql} from '../../src/io/sql.ts';
import {setUp} from '../../src/setup/setup.ts';
import {rebuildAnalytics} from '../../src/sync/rebuild.ts';
import {type SyncService, startSync} from '../../src/sync/service.ts';
import {runnerOf} from '../../src/sync/session.ts';
import {analyticsOf, bookTrades, deskTrades, expectedAnalytics, tradeMessage} from '../helpers/desk-trades.ts';
import {ownPostgres, ownRedis} from '../helpers/servers.ts';
import {waitFor} from '../helpers/wait.ts';

const QUICK = {beat: 100, fill: 100, sweep: 60_000, fullSweep: 600_000, settle: 30_000, performance: 60_000};
const SILENT = {info: () => {}, warn: () => {}, error: () => {}};

let postgres: PostgresServer;
let redis: RedisServer;
let target: PgTarget;
let pool: pg.Pool;
let bus: Redis;
const running: SyncService[] = [];

beforeAll(async () => {
  [postgres, redis] = await Promise.all([ownPostgres({fsync: true}), ownRedis()]);
  const {host, port, user, password} = postgres;
  target = {host, port, user, password: secret(password), database: 'trading_system', ssl: 'disable'};
  await setUp({
    trading: target,
    prefect: {database: 'prefect', owner: 'prefect'},
    sql: loadSql(),
    only: ['databases', 'roles', 'tables', 'indexes'],
  });
  pool = new pg.Pool({host, port, user, password, database: 'trading_system', ssl: false, max: 2});
  pool.on('error', () => {});
  pool.on('connect', client => client.on('error', () => {}));
  bus = new Redis(redis.url);
  bus.on('error', () => {});
});
afterEach(async () => {
  await Promise.all(running.splice(0).map(service => service.stop(3000)));
});
afterAll(async () => {
  bus.disconnect();
  await pool.end();
  await Promise.all([postgres.stop('immediate'), redis.stop()]);
});

async function start(worker: string): Promise<SyncService> {
  const service = startSync({
    trading: target,
    redis: parseRedisUrl(redis.url),
    sql: loadSql(),
    log: SILENT,
    worker,
    times: QUICK,
  });
  running.push(service);
  await waitFor('the service to be well', () => service.trouble() === undefined, 30_000);
  return service;
}
const publish = async (trades: readonly TradeEvent[]): Promise<void> => {
  const line = bus.pipeline();
  for (const trade of trades) line.publish('data_sync:trades', tradeMessage(trade));
  await line.exec();
};

test('two workers on the same events, and the death of either server, leave what the trades add up to', {
  timeout: 180_000,
}, async () => {
  const services = await Promise.all([start('one'), start('two')]);
  const trades = deskTrades(1000);
  let at = 0;
  const trade = async (count: number): Promise<void> => {
    for (const end = at + count; at < end; at += 25) {
      const some = trades.slice(at, at + 25);
      await bookTrades(pool, some);
      await publish(some);
    }
  };
  await trade(200);
  // PostgreSQL dies with batches under way; what is published until it is back waits in the queues.
  const held = trades.slice(200, 300);
  await bookTrades(pool, held);
  await Promise.all([publish(held), postgres.kill9()]);
  await waitFor('the death to be noticed', () => services.some(service => service.trouble() !== undefined), 30_000);
  await postgres.restart();
  at = 300;
  await waitFor('PostgreSQL to be had again', () => services.every(s => s.trouble() === undefined), 60_000);
  await trade(200);
  // Redis dies and forgets everything; what is traded meanwhile is published to nobody.
  await redis.kill9();
  await bookTrades(pool, trades.slice(500, 600));
  at = 600;
  await redis.restart();
  await waitFor(
    'both to hear again',
    async () => services.every(s => s.trouble() === undefined) && (await bus.ping()),
    60_000,
  );
  await trade(400);
  await waitFor(
    'analytics to hold every trade once',
    async () => {
      expect(await analyticsOf(pool)).toEqual(expectedAnalytics(trades));
      return true;
    },
    60_000,
  );
  const db = openPg(target, loadSql(), {name: 'sync test', max: 1});
  expect(await rebuildAnalytics(runnerOf(db))).toMatchObject({recovered: 0, differences: [], errors: []});
  await db.close();
});
