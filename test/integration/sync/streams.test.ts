import {Redis} from 'ioredis';
import {beforeEach, describe, expect, test} from 'vitest';
import {STREAM} from '../../../src/bus/streams.ts';
import {parseRedisUrl} from '../../../src/io/redis-url.ts';
import {createSyncCounters} from '../../../src/sync/counters.ts';
import type {SyncService} from '../../../src/sync/service.ts';
import {openStreamConsumer} from '../../../src/sync/stream-consumer.ts';
import {analyticsOf, bookTrades, deskTrades, expectedAnalytics} from '../../helpers/desk/desk-trades.ts';
import {applied, QUICK, rigEachTest, well} from '../../helpers/desk/sync-rig.ts';
import {type FaultProxy, startProxy} from '../../helpers/servers/proxy.ts';
import {SYNC_MS} from '../../helpers/servers/timers.ts';
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
const allAcknowledged = () => waitFor('all entries to be acknowledged', async () => (await pending()) === 0, SYNC_MS);
const gapFilled = (reason: string) =>
  waitFor(`a gap ${reason} to be filled`, async () => (await gapsOf(reason))[0]?.filled, SYNC_MS);
/** As if the worker `dead` had died half a minute ago: its pending entries count as idle since then. */
const letHalfAMinutePass = async (): Promise<void> => {
  const ids = (await rig.bus.xrange(STREAM, '-', '+')).map(([id]) => id);
  await rig.bus.call('XCLAIM', STREAM, 'tradetop', 'dead', '0', ...ids, 'IDLE', '31000', 'JUSTID');
};

describe('streams', () => {
  test('bring what was published while no worker ran, and are trimmed to what is not acknowledged', async () => {
    const trades = deskTrades(1200);
    await publish(trades);
    const service = start('one');
    await synced(trades);
    await applied(service, {trades: 1200, recovered: 0});
    await waitFor('the stream to be trimmed', async () => (await rig.bus.xlen(STREAM)) < 200, SYNC_MS);
    await allAcknowledged();
    await waitFor('the stream’s counts', () => service.stats().stream?.lag === 0, SYNC_MS);
  });

  test('reach subscribers as well', async () => {
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
    await allAcknowledged();
    const counts = [one, two].map(service => service.stats().applied);
    expect(counts.map(c => c.trades + c.duplicates).reduce((a, b) => a + b)).toBe(600);
    expect(Math.min(...counts.map(c => c.trades))).toBeGreaterThan(0);
  });

  test('lose nothing when a worker is killed with a batch in flight: another claims it', async () => {
    const trades = deskTrades(300);
    const child = rig.spawn(['--mode', 'streams', '--worker', 'dead'], {pgPort: pgProxy.port});
    const hasGroup = async () => ((await rig.bus.call('XINFO', 'GROUPS', STREAM)) as unknown[]).length === 1;
    await waitFor('the worker to make the group', hasGroup, SYNC_MS);
    await pgProxy.set('blackhole');
    await publish(trades.slice(0, 200));
    await waitFor('the worker to be given some', async () => Number(await pending()) > 0, SYNC_MS);
    child.kill('SIGKILL');
    await child.ended;
    await pgProxy.set('pass');
    await letHalfAMinutePass();
    const alive = start('alive');
    await publish(trades.slice(200));
    await synced(trades);
    await allAcknowledged();
    expect(alive.stats().applied).toMatchObject({trades: 300, quarantined: 0});
  });

  test('are acknowledged only once applied, whether a worker reads or claims them', async () => {
    const trades = deskTrades(90);
    await rig.bus.call('XGROUP', 'CREATE', STREAM, 'tradetop', '0', 'MKSTREAM');
    await publish(trades.slice(0, 30));
    await rig.bus.call('XREADGROUP', 'GROUP', 'tradetop', 'dead', 'STREAMS', STREAM, '>');
    await letHalfAMinutePass();
    await pgProxy.set('refuse');
    const service = start('one');
    await publish(trades.slice(30, 60));
    const hasBoth = async (): Promise<boolean> => {
      const given = (await rig.bus.call('XPENDING', STREAM, 'tradetop', '-', '+', '100', 'one')) as readonly unknown[];
      return given.length === 60;
    };
    await waitFor('the worker to have read and claimed', hasBoth, SYNC_MS);
    await waitFor('both batches to have failed', () => service.stats().retries > 8, SYNC_MS);
    await pgProxy.set('pass');
    await publish(trades.slice(60));
    await allAcknowledged();
    expect(await analyticsOf(rig.pool)).toEqual(expectedAnalytics(trades));
  });

  test('that Redis lost have a gap, filled from the table', async () => {
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
    await gapFilled('lost');
  });

  test('whose entries another program’s MAXLEN trims before they are read have a gap, filled from the table', async () => {
    const service = start('one');
    await well(service);
    const trades = deskTrades(90);
    await bookTrades(rig.pool, trades.slice(0, 30));
    await publish(trades.slice(0, 30));
    await synced(trades.slice(0, 30));
    await gapFilled('first_start');
    // It waits for the database with a batch in flight; what comes after that is trimmed meanwhile.
    await pgProxy.set('refuse');
    await publish(trades.slice(30, 31));
    await waitFor('the service to report the failure', () => service.stats().failing !== null, SYNC_MS);
    await bookTrades(rig.pool, trades.slice(30));
    await publish(trades.slice(31));
    await rig.bus.call('XTRIM', STREAM, 'MAXLEN', '10');
    await pgProxy.set('pass');
    await synced(trades);
    await gapFilled('lost');
    const lost = await gapsOf('lost');
    expect(lost).toHaveLength(1);
    expect(lost[0].recovered).toBeGreaterThanOrEqual(49);
    await allAcknowledged();
  });

  test('whose pending entries are trimmed before another worker claims them have a gap as well', async () => {
    const trades = deskTrades(20);
    await rig.bus.call('XGROUP', 'CREATE', STREAM, 'tradetop', '0', 'MKSTREAM');
    const service = start('one');
    await well(service);
    await gapFilled('first_start');
    await service.stop();
    await bookTrades(rig.pool, trades);
    await publish(trades);
    await rig.bus.call('XREADGROUP', 'GROUP', 'tradetop', 'dead', 'STREAMS', STREAM, '>');
    await letHalfAMinutePass();
    await rig.bus.call('XTRIM', STREAM, 'MAXLEN', '5');
    start('two');
    await synced(trades);
    await gapFilled('lost');
    await allAcknowledged();
  });

  test('prove nothing about entries behind those that were read', async () => {
    await publish(deskTrades(1500));
    const ids = (await rig.bus.xrange(STREAM, '-', '+')).map(([id]) => id);
    const db = rig.open({name: 'tradetop sync', max: 1, lockMs: 5000}, pgProxy.port);
    let failures = 0;
    const consumer = openStreamConsumer({
      redis: parseRedisUrl(rig.redis.url),
      db,
      maintenance: db,
      worker: 'one',
      counters: createSyncCounters(),
      limits: undefined,
      previousSafeAt: () => null,
      onGap: () => {},
      onLink: () => {},
      // The database goes away after the first thousand.
      onCommitted: () => void pgProxy.set('refuse'),
      onFailed: () => failures++,
    });
    await waitFor('the second batch to fail', () => failures > 0, SYNC_MS);
    expect(consumer.provenAt()).toBe(Number(ids[999]?.split('-')[0]) * 1000);
    expect(consumer.oldest()).toBe(Number(ids[1000]?.split('-')[0]) * 1000);
    await pgProxy.set('pass');
    expect(await consumer.stop(AbortSignal.timeout(5000))).toBe(true);
  });

  test('with foreign entries count them as rejected, and do not stop at them', async () => {
    const service = start('one');
    await rig.bus.xadd(STREAM, '*', 'some', 'thing');
    await rig.bus.xadd(STREAM, '*', 'channel', 'data_sync:trades', 'event', 'not json');
    const trades = deskTrades(3);
    await publish(trades);
    await synced(trades);
    await allAcknowledged();
    expect(service.stats().rejected).toEqual({unknown_channel: 1, not_json: 1});
    expect(await gapsOf('lost')).toEqual([]);
  });

  test('keep what the database does not take, until it does', async () => {
    const service = start('one');
    await well(service);
    await pgProxy.set('refuse');
    const trades = deskTrades(400);
    await publish(trades);
    await waitFor('the service to report the failure', () => service.stats().failing !== null, SYNC_MS);
    expect(await rig.bus.xlen(STREAM)).toBe(400);
    await pgProxy.set('pass');
    await synced(trades);
  });
});
