import {Redis} from 'ioredis';
import pg from 'pg';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {parseRedisUrl} from '../../src/core/redis-url.ts';
import type {RedisServer} from '../../src/demo/redis.ts';
import type {TradeEvent} from '../../src/events/event.ts';
import {durable, STREAM} from '../../src/events/streams.ts';
import {openPg} from '../../src/io/pg.ts';
import {loadSql} from '../../src/io/sql.ts';
import {type SyncService, startSync} from '../../src/sync/service.ts';
import {createTally} from '../../src/sync/stats.ts';
import {openStreamLane} from '../../src/sync/stream-lane.ts';
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
const gapsOf = async (reason: string) =>
  (
    await pool.query(
      `SELECT recovered::int, filled_at IS NOT NULL AS filled FROM analytics.sync_gaps WHERE reason = $1 ORDER BY id`,
      [reason],
    )
  ).rows;
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

  test('that are read and that are claimed wait for the database together, and each is acknowledged only once it is applied', {
    timeout: 60_000,
  }, async () => {
    const trades = deskTrades(90);
    await bus.call('XGROUP', 'CREATE', STREAM, 'tradetop', '0', 'MKSTREAM');
    await publish(trades.slice(0, 30));
    await bus.call('XREADGROUP', 'GROUP', 'tradetop', 'dead', 'STREAMS', STREAM, '>');
    const ids = (await bus.xrange(STREAM, '-', '+')).map(([id]) => id);
    await bus.call('XCLAIM', STREAM, 'tradetop', 'dead', '0', ...ids, 'IDLE', '31000', 'JUSTID');
    await pgProxy.set('refuse');
    const service = start('one');
    await publish(trades.slice(30, 60));
    await waitFor('both to be in its hands', async () => {
      const held = (await bus.call('XPENDING', STREAM, 'tradetop', '-', '+', '100', 'one')) as readonly unknown[];
      return held.length === 60;
    });
    await waitFor('both to have failed', () => service.stats().retries > 8, 20_000);
    await pgProxy.set('pass');
    await publish(trades.slice(60));
    await waitFor('all to be acknowledged', async () => (await pending()) === 0, 20_000);
    expect(await analyticsOf(pool)).toEqual(expectedAnalytics(trades));
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

  test('that someone else’s MAXLEN took before they were read are a gap, filled from the table', async () => {
    const service = start('one');
    await well(service);
    const trades = deskTrades(90);
    await bookTrades(pool, trades.slice(0, 30));
    await publish(trades.slice(0, 30));
    await synced(trades.slice(0, 30));
    await waitFor('the first gap to be filled', async () => (await gapsOf('first_start'))[0]?.filled);
    // It holds what it read and waits for the database; what comes after is cut off behind its back.
    await pgProxy.set('refuse');
    await publish(trades.slice(30, 31));
    await waitFor('the failure to be told', () => service.stats().failing !== null);
    await bookTrades(pool, trades.slice(30));
    await publish(trades.slice(31));
    await bus.call('XTRIM', STREAM, 'MAXLEN', '10');
    await pgProxy.set('pass');
    await synced(trades);
    await waitFor('the gap', async () => (await gapsOf('lost'))[0]?.filled);
    const lost = await gapsOf('lost');
    expect(lost).toHaveLength(1);
    expect(lost[0].recovered).toBeGreaterThanOrEqual(49);
    expect(await pending()).toBe(0);
  });

  test('that are gone before their dead worker’s are claimed are a gap as well', async () => {
    const trades = deskTrades(20);
    await bus.call('XGROUP', 'CREATE', STREAM, 'tradetop', '0', 'MKSTREAM');
    const service = start('one');
    await well(service);
    await waitFor('the first gap to be filled', async () => (await gapsOf('first_start'))[0]?.filled);
    await service.stop();
    await bookTrades(pool, trades);
    await publish(trades);
    await bus.call('XREADGROUP', 'GROUP', 'tradetop', 'dead', 'STREAMS', STREAM, '>');
    const ids = (await bus.xrange(STREAM, '-', '+')).map(([id]) => id);
    await bus.call('XCLAIM', STREAM, 'tradetop', 'dead', '0', ...ids, 'IDLE', '31000', 'JUSTID');
    await bus.call('XTRIM', STREAM, 'MAXLEN', '5');
    start('two');
    await synced(trades);
    await waitFor('the gap', async () => (await gapsOf('lost'))[0]?.filled);
    await waitFor('nothing to be pending', async () => (await pending()) === 0);
  });

  test('that wait in Redis behind what was read do not count as had', async () => {
    await publish(deskTrades(1500));
    const ids = (await bus.xrange(STREAM, '-', '+')).map(([id]) => id);
    const target = {...targetOf(desk), port: pgProxy.port};
    const db = openPg(target, loadSql(), {name: 'tradetop sync', max: 1, lockMs: 5000});
    let failures = 0;
    const lane = openStreamLane({
      redis: parseRedisUrl(redis.url),
      db,
      worker: 'one',
      tally: createTally(),
      limits: undefined,
      before: () => null,
      onGap: () => {},
      onLink: () => {},
      // The database goes after the first thousand.
      onCommitted: () => void pgProxy.set('refuse'),
      onFailed: () => failures++,
    });
    await waitFor('the second batch to fail', () => failures > 0);
    expect(lane.provenAt()).toBe(Number(ids[999]?.split('-')[0]) * 1000);
    expect(lane.oldest()).toBe(Number(ids[1000]?.split('-')[0]) * 1000);
    await pgProxy.set('pass');
    expect(await lane.stop(AbortSignal.timeout(5000))).toBe(true);
    await db.close();
  });

  test('with entries that are none of ours are counted, and hold nothing up', async () => {
    const service = start('one');
    await bus.xadd(STREAM, '*', 'some', 'thing');
    await bus.xadd(STREAM, '*', 'channel', 'data_sync:trades', 'event', 'not json');
    const trades = deskTrades(3);
    await publish(trades);
    await synced(trades);
    await waitFor('all to be acknowledged', async () => (await pending()) === 0);
    expect(service.stats().rejected).toEqual({unknown_channel: 1, not_json: 1});
    expect(await gapsOf('lost')).toEqual([]);
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
