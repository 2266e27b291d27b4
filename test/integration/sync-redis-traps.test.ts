import {type AddressInfo, createServer} from 'node:net';
import {Redis} from 'ioredis';
import pg from 'pg';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {parseRedisUrl} from '../../src/core/redis-url.ts';
import type {RedisServer} from '../../src/demo/redis.ts';
import type {TradeEvent} from '../../src/events/event.ts';
import {durable, STREAM} from '../../src/events/streams.ts';
import {openRedis} from '../../src/io/redis.ts';
import {loadSql} from '../../src/io/sql.ts';
import {type SyncOptions, type SyncService, startSync} from '../../src/sync/service.ts';
import {openStream} from '../../src/sync/stream.ts';
import {cloneDesk, targetOf} from '../helpers/desk.ts';
import {analyticsOf, bookTrades, deskTrades, expectedAnalytics, tradeMessage} from '../helpers/desk-trades.ts';
import {startProxy} from '../helpers/proxy.ts';
import {type Database, ownRedis} from '../helpers/servers.ts';
import {waitFor} from '../helpers/wait.ts';

const QUICK = {beat: 100, fill: 100, sweep: 60_000, fullSweep: 60_000, settle: 30_000, performance: 60_000};
const SILENT = {info: () => {}, warn: () => {}, error: () => {}};

let redis: RedisServer;
let desk: Database;
let pool: pg.Pool;
let bus: Redis;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  redis = await ownRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  desk = await cloneDesk();
  pool = new pg.Pool({...desk.config, max: 2});
  bus = new Redis(redis.url);
  bus.on('error', () => {});
  await bus.flushall();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  bus.disconnect();
  await pool.end();
  await desk.drop();
});

function start(options: Partial<SyncOptions> = {}): SyncService {
  const service = startSync({
    trading: targetOf(desk),
    redis: parseRedisUrl(redis.url),
    sql: loadSql(),
    log: SILENT,
    worker: 'one',
    times: QUICK,
    ...options,
  });
  cleanups.push(() => service.stop(3000));
  return service;
}
const well = (service: SyncService) =>
  waitFor('the service to be well', () => service.trouble() === undefined && service.stats().gaps.filled > 0, 20_000);
const publish = async (trades: readonly TradeEvent[]): Promise<void> => {
  for (const trade of trades) await durable(bus).publish('data_sync:trades', tradeMessage(trade));
};
const synced = (trades: readonly TradeEvent[]) =>
  waitFor(
    'analytics to hold every trade once',
    async () => {
      expect(await analyticsOf(pool)).toEqual(expectedAnalytics(trades));
      return true;
    },
    20_000,
  );
const as = (user: string, password: string) => parseRedisUrl(`redis://${user}:${password}@127.0.0.1:${redis.port}/0`);
async function haveUser(name: string, ...rules: readonly string[]): Promise<void> {
  await bus.acl('SETUSER', name, 'reset', 'on', '>pw', '~*', ...rules);
  cleanups.push(() => bus.acl('DELUSER', name));
}

describe('a subscription', () => {
  test('that may not be had again is told, declared and had once it may: no rejection is left to end the process', async () => {
    await haveUser('narrow', '+@all', '&data_sync:*');
    const service = start({redis: as('narrow', 'pw')});
    await well(service);
    await bus.acl('SETUSER', 'narrow', 'resetchannels');
    const trades = deskTrades(20);
    await bookTrades(pool, trades.slice(0, 10));
    await publish(trades.slice(0, 10));
    await waitFor('the refusal to be told', () => /NOPERM|No permissions/i.test(service.trouble() ?? ''));
    expect(service.stats().link).toMatchObject({state: 'denied', drops: 1});
    await bus.acl('SETUSER', 'narrow', '&data_sync:*');
    await waitFor('it to be had', () => service.trouble() === undefined, 15_000);
    await bookTrades(pool, trades.slice(10));
    await publish(trades.slice(10));
    await synced(trades);
  });

  test('shows under its name in CLIENT LIST, and so do the connections of streams', async () => {
    await well(start({worker: 'desk worker'}));
    const two = start({worker: 'two', mode: 'streams'});
    // Its gap may be filled by either.
    await waitFor('the second to be well', () => two.trouble() === undefined, 20_000);
    const names = String(await bus.client('LIST')).match(/name=\S+/g);
    expect(names).toEqual(
      expect.arrayContaining([
        'name=tradetop-sync-desk-worker',
        'name=tradetop-sync-two',
        'name=tradetop-sync-two-acks',
      ]),
    );
  });

  test.each(['pubsub', 'streams'] as const)('to a Redis that answers slowly is no gap, by %s', async mode => {
    const proxy = await startProxy(redis);
    cleanups.push(proxy.close);
    const service = start({mode, redis: parseRedisUrl(redis.url.replace(`:${redis.port}/`, `:${proxy.port}/`))});
    await well(service);
    await proxy.set('pass', {latencyMs: 300});
    const trades = deskTrades(20);
    await publish(trades);
    await synced(trades);
    expect(service.stats()).toMatchObject({
      link: {state: 'ready', drops: 0},
      gaps: {declared: 1},
      applied: {recovered: 0},
    });
  });
});

describe('a stream', () => {
  test('of a user without the right to look after it is read all the same, and says what is missing', async () => {
    await haveUser('reader', '+@all', '-xautoclaim', '&*');
    const service = start({mode: 'streams', redis: as('reader', 'pw')});
    const trades = deskTrades(10);
    await publish(trades);
    await synced(trades);
    await waitFor('what is missing', () => /xautoclaim/i.test(service.stats().link.error ?? ''));
    expect(service.stats().link.state).toBe('ready');
  });

  test.each([
    ['wrong', /WRONGPASS/],
    ['missing', /NOAUTH/],
  ])('whose password is %s says so, and not that there is no connection', async (what, reason) => {
    const url =
      what === 'wrong' ? redis.url.replace(redis.password, 'sesame-open') : `redis://127.0.0.1:${redis.port}/0`;
    const service = start({mode: 'streams', redis: parseRedisUrl(url)});
    await waitFor('the reason', () => reason.test(service.stats().link.error ?? ''));
    expect(service.stats().link.state).toBe('denied');
    expect(JSON.stringify(service.stats())).not.toContain('sesame');
  });

  test('of a server that gives back what it was sent says so without the password', async () => {
    // As Redis does with a command that it does not know, AUTH renamed for one.
    const parrot = createServer(socket => {
      socket.on('error', () => {});
      socket.on('data', data => {
        const commands = String(data).match(/^\*\d+\r\n/gm)?.length ?? 0;
        socket.write(
          `-ERR unknown command 'AUTH', with args beginning with: 'default' 'sesame-open' \r\n`.repeat(commands),
        );
      });
    });
    await new Promise<void>(resolve => parrot.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => parrot.close());
    const {port} = parrot.address() as AddressInfo;
    for (const mode of ['pubsub', 'streams'] as const) {
      const logged: string[] = [];
      const log = (what: unknown): void => void logged.push(JSON.stringify(what));
      const service = start({
        mode,
        worker: mode,
        redis: parseRedisUrl(`redis://:sesame-open@127.0.0.1:${port}/0`),
        log: {info: log, warn: log, error: log},
      });
      await waitFor('the reason', () => /unknown command/i.test(service.stats().link.error ?? ''));
      expect([JSON.stringify(service.stats()), ...logged].join()).not.toContain('sesame');
      await service.stop(3000);
    }
  });

  test('is claimed from behind what others hold, however much that is', async () => {
    const client = openRedis(parseRedisUrl(redis.url), {name: 'claims', offline: 'wait'});
    cleanups.push(() => client.disconnect());
    const line = bus.pipeline();
    for (let i = 1; i <= 1300; i++) line.xadd(STREAM, `${i}-0`, 'channel', 'c', 'event', 'e');
    await line.exec();
    await bus.call('XGROUP', 'CREATE', STREAM, 'tradetop', '0');
    await bus.call('XREADGROUP', 'GROUP', 'tradetop', 'slow', 'COUNT', '1200', 'STREAMS', STREAM, '>');
    await bus.call('XREADGROUP', 'GROUP', 'tradetop', 'dead', 'STREAMS', STREAM, '>');
    const ids = Array.from({length: 100}, (_, i) => `${1201 + i}-0`);
    await bus.call('XCLAIM', STREAM, 'tradetop', 'dead', '0', ...ids, 'IDLE', '31000', 'JUSTID');
    const stream = openStream(client, STREAM, 'tradetop', 'alive');
    // Redis looks through ten times as many as it may give; the first hundreds are their owner's yet.
    const claimed: string[] = [];
    for (let round = 0; round < 4; round++) claimed.push(...(await stream.claim(30_000, 50)).map(entry => entry.id));
    expect(claimed.sort()).toEqual(ids.sort());
  });
});
