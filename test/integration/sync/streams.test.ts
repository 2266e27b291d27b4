import {Redis} from 'ioredis';
import {beforeEach, describe, expect, test} from 'vitest';
import {STREAM} from '../../../src/bus/streams.ts';
import {parseRedisUrl} from '../../../src/core/redis-url.ts';
import {createSyncCounters} from '../../../src/sync/counters.ts';
import type {SyncService} from '../../../src/sync/service.ts';
import {openStreamConsumer} from '../../../src/sync/stream-consumer.ts';
import {analyticsOf, bookTrades, deskTrades, expectedAnalytics} from '../../helpers/desk/desk-trades.ts';
import {QUICK, rigEachTest, well} from '../../helpers/desk/sync-rig.ts';
import {type FaultProxy, startProxy} from '../../helpers/servers/proxy.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const rig = rigEachTest();
const {synced, publishDurably: publish} = rig;
let pgProxy: FaultProxy;
beforeEach(async () => {
  pgProxy = await startProxy({host: rig.desk.config.host, port: rig.desk.config.port});
  rig.cleanups.push(pgProxy.close);
});

const start = (worker: string): SyncService =>
  rig.start({mode: 'streams', pgPort: pgProxy.port, worker, intervals: {...QUICK, performance: 500}});
const gapsOf = async (reason: string) =>
  (
    await rig.pool.query(
      `SELECT recovered::int, filled_at IS NOT NULL AS filled FROM analytics.sync_gaps WHERE reason = $1 ORDER BY id`,
      [reason],
    )
  ).rows;
const pending = async () => ((await rig.bus.call('XPENDING', STREAM, 'tradetop')) as readonly unknown[])[0];
/** As if half a minute had gone by since the worker `dead` died: what is in its hands counts as idle since then. */
const letHalfAMinutePass = async (): Promise<void> => {
  const ids = (await rig.bus.xrange(STREAM, '-', '+')).map(([id]) => id);
  await rig.bus.call('XCLAIM', STREAM, 'tradetop', 'dead', '0', ...ids, 'IDLE', '31000', 'JUSTID');
};

describe('streams', () => {
  test('bring what was published while no worker ran, and are trimmed by what is acknowledged', async () => {
    const trades = deskTrades(1200);
    await publish(trades);
    const service = start('one');
    await synced(trades);
    expect(service.stats().applied).toMatchObject({trades: 1200, recovered: 0});
    await waitFor('the stream to be trimmed', async () => (await rig.bus.xlen(STREAM)) < 200);
    expect(await pending()).toBe(0);
    await waitFor('its figures', () => service.stats().stream?.lag === 0);
  });

  test('also reach subscribers, both or neither', async () => {
    const heard: string[] = [];
    const other = new Redis(rig.redis.url);
    await other.subscribe('data_sync:trades');
    other.on('message', (_channel, message) => heard.push(message));
    const trades = deskTrades(2);
    await publish(trades);
    await waitFor('the messages', () => heard.length === 2);
    expect(heard.sort()).toEqual((await rig.bus.xrange(STREAM, '-', '+')).map(([, fields]) => fields[3]).sort());
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
    const child = rig.spawn(['--mode', 'streams', '--worker', 'dead'], {pgPort: pgProxy.port});
    await waitFor(
      'the worker',
      async () => ((await rig.bus.call('XINFO', 'GROUPS', STREAM)) as unknown[]).length === 1,
      30_000,
    );
    await pgProxy.set('blackhole');
    await publish(trades.slice(0, 200));
    await waitFor('some to be in its hands', async () => Number(await pending()) > 0);
    child.kill('SIGKILL');
    await child.ended;
    await pgProxy.set('pass');
    await letHalfAMinutePass();
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
    await rig.bus.call('XGROUP', 'CREATE', STREAM, 'tradetop', '0', 'MKSTREAM');
    await publish(trades.slice(0, 30));
    await rig.bus.call('XREADGROUP', 'GROUP', 'tradetop', 'dead', 'STREAMS', STREAM, '>');
    await letHalfAMinutePass();
    await pgProxy.set('refuse');
    const service = start('one');
    await publish(trades.slice(30, 60));
    await waitFor('both to be in its hands', async () => {
      const held = (await rig.bus.call('XPENDING', STREAM, 'tradetop', '-', '+', '100', 'one')) as readonly unknown[];
      return held.length === 60;
    });
    await waitFor('both to have failed', () => service.stats().retries > 8, 20_000);
    await pgProxy.set('pass');
    await publish(trades.slice(60));
    await waitFor('all to be acknowledged', async () => (await pending()) === 0, 20_000);
    expect(await analyticsOf(rig.pool)).toEqual(expectedAnalytics(trades));
  });

  test('that Redis lost are a gap, filled from the table', async () => {
    const service = start('one');
    await well(service);
    const trades = deskTrades(90);
    await bookTrades(rig.pool, trades.slice(0, 30));
    await publish(trades.slice(0, 30));
    await synced(trades.slice(0, 30));
    await pgProxy.set('blackhole');
    await bookTrades(rig.pool, trades.slice(30, 60));
    await publish(trades.slice(30, 60));
    await rig.bus.flushall();
    await pgProxy.set('pass');
    await bookTrades(rig.pool, trades.slice(60));
    await publish(trades.slice(60));
    await synced(trades);
    await waitFor('the gap', async () => {
      const {rows} = await rig.pool.query(
        `SELECT filled_at IS NOT NULL AS filled FROM analytics.sync_gaps WHERE reason = 'lost'`,
      );
      return rows[0]?.filled;
    });
  });

  test('that someone else’s MAXLEN took before they were read are a gap, filled from the table', async () => {
    const service = start('one');
    await well(service);
    const trades = deskTrades(90);
    await bookTrades(rig.pool, trades.slice(0, 30));
    await publish(trades.slice(0, 30));
    await synced(trades.slice(0, 30));
    await waitFor('the first gap to be filled', async () => (await gapsOf('first_start'))[0]?.filled);
    // It holds what it read and waits for the database; what comes after is cut off behind its back.
    await pgProxy.set('refuse');
    await publish(trades.slice(30, 31));
    await waitFor('the failure to be told', () => service.stats().failing !== null);
    await bookTrades(rig.pool, trades.slice(30));
    await publish(trades.slice(31));
    await rig.bus.call('XTRIM', STREAM, 'MAXLEN', '10');
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
    await rig.bus.call('XGROUP', 'CREATE', STREAM, 'tradetop', '0', 'MKSTREAM');
    const service = start('one');
    await well(service);
    await waitFor('the first gap to be filled', async () => (await gapsOf('first_start'))[0]?.filled);
    await service.stop();
    await bookTrades(rig.pool, trades);
    await publish(trades);
    await rig.bus.call('XREADGROUP', 'GROUP', 'tradetop', 'dead', 'STREAMS', STREAM, '>');
    await letHalfAMinutePass();
    await rig.bus.call('XTRIM', STREAM, 'MAXLEN', '5');
    start('two');
    await synced(trades);
    await waitFor('the gap', async () => (await gapsOf('lost'))[0]?.filled);
    await waitFor('nothing to be pending', async () => (await pending()) === 0);
  });

  test('that wait in Redis behind what was read do not count as had', async () => {
    await publish(deskTrades(1500));
    const ids = (await rig.bus.xrange(STREAM, '-', '+')).map(([id]) => id);
    const db = rig.open({name: 'tradetop sync', max: 1, lockMs: 5000}, pgProxy.port);
    let failures = 0;
    const consumer = openStreamConsumer({
      redis: parseRedisUrl(rig.redis.url),
      db,
      worker: 'one',
      counters: createSyncCounters(),
      limits: undefined,
      previousSafeAt: () => null,
      onGap: () => {},
      onLink: () => {},
      // The database goes after the first thousand.
      onCommitted: () => void pgProxy.set('refuse'),
      onFailed: () => failures++,
    });
    await waitFor('the second batch to fail', () => failures > 0);
    expect(consumer.provenAt()).toBe(Number(ids[999]?.split('-')[0]) * 1000);
    expect(consumer.oldest()).toBe(Number(ids[1000]?.split('-')[0]) * 1000);
    await pgProxy.set('pass');
    expect(await consumer.stop(AbortSignal.timeout(5000))).toBe(true);
  });

  test('with entries that are none of ours are counted, and hold nothing up', async () => {
    const service = start('one');
    await rig.bus.xadd(STREAM, '*', 'some', 'thing');
    await rig.bus.xadd(STREAM, '*', 'channel', 'data_sync:trades', 'event', 'not json');
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
    expect(await rig.bus.xlen(STREAM)).toBe(400);
    await pgProxy.set('pass');
    await synced(trades);
  });
});
