import {Redis} from 'ioredis';
import pg from 'pg';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {parseRedisUrl} from '../../src/core/redis-url.ts';
import type {RedisServer} from '../../src/demo/redis.ts';
import type {TradeEvent} from '../../src/events/event.ts';
import {durable, STREAM} from '../../src/events/streams.ts';
import {loadSql} from '../../src/io/sql.ts';
import {type SyncService, startSync} from '../../src/sync/service.ts';
import {cloneDesk, targetOf} from '../helpers/desk.ts';
import {analyticsOf, bookTrades, deskTrades, expectedAnalytics, tradeMessage} from '../helpers/desk-trades.ts';
import {type FaultProxy, startProxy} from '../helpers/proxy.ts';
import {type Database, ownRedis} from '../helpers/servers.ts';
import {type SyncChild, spawnSync} from '../helpers/sync-child.ts';
import {waitFor} from '../helpers/wait.ts';

const QUICK = {beat: 100, fill: 100, sweep: 60_000, fullSweep: 60_000, settle: 30_000, performance: 500};
const SILENT = {info: () => {}, warn: () => {}, error: () => {}};

let redis: RedisServer;
let desk: Database;
let pool: pg.Pool;
let bus: Redis;
let pgProxy: FaultProxy;
const running: SyncService[] = [];
const children: SyncChild[] = [];

beforeAll(async () => {
  redis = await ownRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  desk = await cloneDesk();
  pool = new pg.Pool({...desk.config, max: 2});
  pgProxy = await startProxy({host: desk.config.host, port: desk.config.port});
  bus = new Redis(redis.url);
  bus.on('error', () => {});
  await bus.flushall();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(running.splice(0).map(service => service.stop(3000)));
  bus.disconnect();
  await pgProxy.close();
  await pool.end();
  await desk.drop();
});

function start(worker: string): SyncService {
  const service = startSync({
    mode: 'streams',
    trading: {...targetOf(desk), port: pgProxy.port},
    redis: parseRedisUrl(redis.url),
    sql: loadSql(),
    log: SILENT,
    worker,
    times: QUICK,
  });
  running.push(service);
  return service;
}
const well = (service: SyncService) => waitFor('the service to be well', () => service.trouble() === undefined);
const publish = (trades: readonly TradeEvent[]) =>
  Promise.all(trades.map(trade => durable(bus).publish('data_sync:trades', tradeMessage(trade))));
const synced = (trades: readonly TradeEvent[]) =>
  waitFor(
    'analytics to hold every trade once',
    async () => {
      expect(await analyticsOf(pool)).toEqual(expectedAnalytics(trades));
      return true;
    },
    30_000,
  );
const pending = async () => ((await bus.call('XPENDING', STREAM, 'tradetop')) as readonly unknown[])[0];

describe('streams', () => {
  test('bring what was published while no worker ran, and are trimmed by what is acknowledged', async () => {
    const trades = deskTrades(1200);
    await publish(trades);
    const service = start('one');
    await synced(trades);
    expect(service.stats().applied).toMatchObject({trades: 1200, recovered: 0});
    await waitFor('the stream to be trimmed', async () => (await bus.xlen(STREAM)) < 200);
    expect(await pending()).toBe(0);
    await waitFor('its figures', () => service.stats().stream?.lag === 0);
  });

  test('also reach subscribers, both or neither', async () => {
    const heard: string[] = [];
    const other = new Redis(redis.url);
    await other.subscribe('data_sync:trades');
    other.on('message', (_channel, message) => heard.push(message));
    const trades = deskTrades(2);
    await publish(trades);
    await waitFor('the messages', () => heard.length === 2);
    expect(heard.sort()).toEqual((await bus.xrange(STREAM, '-', '+')).map(([, fields]) => fields[3]).sort());
    other.disconnect();
  });

  test('are shared by two workers, each event to one of them', async () => {
    const [one, two] = [start('one'), start('two')];
    await Promise.all([well(one), well(two)]);
    const trades = deskTrades(600);
    for (let at = 0; at < trades.length; at += 20) await publish(trades.slice(at, at + 20));
    await synced(trades);
    const counts = [one, two].map(service => service.stats().applied);
    expect(counts.map(c => c.trades + c.duplicates).reduce((a, b) => a + b)).toBe(600);
    expect(Math.min(...counts.map(c => c.trades))).toBeGreaterThan(0);
  });

  test('lose nothing when a worker is killed with events in hand: another claims them', {
    timeout: 120_000,
  }, async () => {
    const trades = deskTrades(300);
    const child = spawnSync(desk, pgProxy.port, redis.url, ['--mode', 'streams', '--worker', 'dead']);
    children.push(child);
    await waitFor(
      'the worker',
      async () => ((await bus.call('XINFO', 'GROUPS', STREAM)) as unknown[]).length === 1,
      30_000,
    );
    await pgProxy.set('blackhole');
    await publish(trades.slice(0, 200));
    await waitFor('some to be in its hands', async () => Number(await pending()) > 0);
    child.kill('SIGKILL');
    await child.ended;
    await pgProxy.set('pass');
    // As if half a minute had gone by: what was in its hands counts as idle since then.
    const ids = (await bus.xrange(STREAM, '-', '+')).map(([id]) => id);
    await bus.call('XCLAIM', STREAM, 'tradetop', 'dead', '0', ...ids, 'IDLE', '31000', 'JUSTID');
    const alive = start('alive');
    await publish(trades.slice(200));
    await synced(trades);
    await waitFor('all to be acknowledged', async () => (await pending()) === 0);
    expect(alive.stats().applied).toMatchObject({trades: 300, quarantined: 0});
  });

  test('that Redis lost are a gap, filled from the table', async () => {
    const service = start('one');
    await well(service);
    const trades = deskTrades(90);
    await bookTrades(pool, trades.slice(0, 30));
    await publish(trades.slice(0, 30));
    await synced(trades.slice(0, 30));
    await pgProxy.set('blackhole');
    await bookTrades(pool, trades.slice(30, 60));
    await publish(trades.slice(30, 60));
    await bus.flushall();
    await pgProxy.set('pass');
    await bookTrades(pool, trades.slice(60));
    await publish(trades.slice(60));
    await synced(trades);
    await waitFor('the gap', async () => {
      const {rows} = await pool.query(
        `SELECT filled_at IS NOT NULL AS filled FROM analytics.sync_gaps WHERE reason = 'lost'`,
      );
      return rows[0]?.filled;
    });
  });

  test('keep what the database does not take, and hold it once it does', async () => {
    const service = start('one');
    await well(service);
    await pgProxy.set('refuse');
    const trades = deskTrades(400);
    await publish(trades);
    await waitFor('the failure to be told', () => service.stats().failing !== null);
    expect(await bus.xlen(STREAM)).toBe(400);
    await pgProxy.set('pass');
    await synced(trades);
  });
});
