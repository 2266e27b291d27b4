import {type AddressInfo, connect, createServer, type Socket} from 'node:net';
import {Redis} from 'ioredis';
import {afterEach, describe, expect, it, vi} from 'vitest';
import type {BusLink, DeskEvent, Reject} from '../../../src/bus/event.ts';
import {type SubscribeOptions, subscribe} from '../../../src/bus/subscribe.ts';
import {parseMicros} from '../../../src/core/time.ts';
import {parseRedisUrl} from '../../../src/io/redis-url.ts';
import type {RedisTarget} from '../../../src/io/targets.ts';
import {startProxy} from '../../helpers/servers/proxy.ts';
import {ownRedis, servers} from '../../helpers/servers/servers.ts';
import {LONG_TEST_MS, REDIS_LINK_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

vi.setConfig({testTimeout: LONG_TEST_MS, hookTimeout: LONG_TEST_MS});

// Byte for byte what the review's publish_trade_event sends: json.dumps with its default separators.
const PYTHON =
  '{"type": "trade_executed", "service": "execution", "data": {"trade_id": "T-1", "order_id": "O-1", "account_id": ' +
  '"ACC-01", "symbol": "AAPL", "quantity": 100.0, "price": 187.1234, "commission": 0.5, "executed_at": ' +
  '"2026-11-22T09:00:00.123455", "strategy": "momentum", "trade_type": "opening", "total_value": 18712.34, ' +
  '"realized_pnl": 0.0, "win_rate": 0.55}, "timestamp": "2026-11-22T09:00:00.123456", "correlation_id": "T-1"}';
const PYTHON_BAR =
  '{"type": "market_data_updated", "service": "data_ingestion", "data": {"symbol": "AAPL", "timestamp": ' +
  '"2026-11-22T09:00:00", "open": 187.1, "high": 187.5, "low": 187.0, "close": 187.25, "volume": 1200}, ' +
  '"timestamp": "2026-11-22T09:01:00.000001"}';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function listen(target: RedisTarget, options: Partial<SubscribeOptions> = {}) {
  const heard = {events: [] as DeskEvent[], rejects: [] as Reject[], links: [] as BusLink[]};
  const subscription = subscribe(target, {
    onEvent: event => heard.events.push(event),
    onReject: reject => heard.rejects.push(reject),
    onLink: link => heard.links.push(link),
    ...options,
  });
  cleanups.push(subscription.close);
  const link = (): BusLink => heard.links.at(-1) as BusLink;
  return {
    ...heard,
    link,
    close: subscription.close,
    state: (state: BusLink['state']) =>
      waitFor(`the link to be ${state}`, () => link().state === state && link(), REDIS_LINK_MS),
  };
}

function commands(url: string): Redis {
  const client = new Redis(url);
  client.on('error', () => {});
  cleanups.push(() => client.disconnect());
  return client;
}

async function shared() {
  const {redis} = await servers();
  return {target: parseRedisUrl(redis.url), redis: commands(redis.url)};
}

describe('the bus', () => {
  it('delivers what a Python service published, in UTC and with every digit', async () => {
    const {target, redis} = await shared();
    const bus = listen(target);
    await bus.state('ready');
    await redis.publish('data_sync:trades', PYTHON);
    await redis.publish('data_sync:market_data', PYTHON_BAR);
    await waitFor('two events', () => bus.events.length === 2);
    expect(bus.events[0]).toMatchObject({
      kind: 'trades',
      at: parseMicros('2026-11-22T09:00:00.123456Z'),
      correlationId: 'T-1',
      data: {
        tradeId: 'T-1',
        price: '187.1234',
        quantity: '100.0',
        executedAt: parseMicros('2026-11-22T09:00:00.123455Z'),
      },
    });
    expect(bus.events[1]).toMatchObject({
      kind: 'market_data',
      correlationId: undefined,
      at: parseMicros('2026-11-22T09:01:00.000001Z'),
      data: {symbol: 'AAPL', at: parseMicros('2026-11-22T09:00:00Z'), close: '187.25', volume: '1200'},
    });
    expect(bus.rejects).toEqual([]);
  });

  it('delivers every message once, and rejects those on unknown channels', async () => {
    const {target, redis} = await shared();
    const bus = listen(target);
    await bus.state('ready');
    for (let i = 0; i < 50; i++) await redis.publish('data_sync:trades', PYTHON.replaceAll('T-1', `T-${i}`));
    await redis.publish('data_sync:orders', '{"a": 1}');
    await redis.publish('elsewhere', PYTHON);
    await redis.publish('data_sync:trades', 'last');
    await waitFor('the last message', () => bus.rejects.at(-1)?.text === 'last');
    expect(bus.events).toHaveLength(50);
    expect(bus.rejects.map(r => [r.reason, r.channel])).toEqual([
      ['unknown_channel', 'data_sync:orders'],
      ['not_json', 'data_sync:trades'],
    ]);
  });

  it('reports the round trip of a PING', async () => {
    const {target} = await shared();
    const bus = listen(target, {pingMs: 20});
    await waitFor('a round trip', () => (bus.link().latencyMs ?? -1) >= 0);
    expect(bus.link().state).toBe('ready');
  });

  it('is silent after its close', async () => {
    const {target, redis} = await shared();
    const bus = listen(target, {name: 'closing'});
    await bus.state('ready');
    bus.close();
    const calls = bus.links.length;
    await waitFor('its connection to go', async () => !String(await redis.client('LIST')).includes('name=closing'));
    await redis.publish('data_sync:trades', PYTHON);
    expect([bus.links.length, bus.events.length]).toEqual([calls, 0]);
  });
});

describe('a bus that cannot be reached', () => {
  it('says so where nothing listens, and connects once something does', async () => {
    const redis = await ownRedis();
    cleanups.push(redis.stop);
    await redis.kill9();
    const bus = listen(parseRedisUrl(redis.url));
    const down = await bus.state('down');
    expect(down.error).toMatch(/ECONNREFUSED/);
    expect(down.drops).toBe(0);
    await waitFor('the next try to be announced', () => bus.link().retryAt !== undefined, REDIS_LINK_MS);
    await redis.restart();
    await bus.state('ready');
    expect(bus.link()).toMatchObject({error: undefined, retryAt: undefined});
  });

  it('says that the password is wrong, and never says a password', async () => {
    const {redis} = await servers();
    const bus = listen(parseRedisUrl(redis.url.replace(redis.password, 'sesame-open')));
    const denied = await bus.state('denied');
    expect(denied.error).toMatch(/WRONGPASS/);
    expect(JSON.stringify(bus.links)).not.toMatch(/sesame|AUTH/);
  });

  it('says that a password is missing', async () => {
    const {redis} = await servers();
    const bus = listen(parseRedisUrl(`redis://127.0.0.1:${redis.port}/0`));
    expect((await bus.state('denied')).error).toMatch(/NOAUTH/);
  });

  it('names the denied channels, receives the others, and receives all once it may', async () => {
    const {target, redis} = await shared();
    await redis.acl('SETUSER', 'narrow', 'on', '>pw', '+@all', 'resetchannels', '&data_sync:trades');
    cleanups.push(() => redis.acl('DELUSER', 'narrow'));
    const bus = listen(parseRedisUrl(`redis://narrow:pw@127.0.0.1:${target.nodes[0]?.port}/0`), {deniedMs: 100});
    const denied = await bus.state('denied');
    expect(denied.error).toMatch(/NOPERM.*\(data_sync:market_data, data_sync:positions\)/);
    await redis.publish('data_sync:trades', PYTHON);
    await waitFor('the trade', () => bus.events.length === 1);
    await redis.acl('SETUSER', 'narrow', '&data_sync:market_data', '&data_sync:positions');
    const ready = await bus.state('ready');
    expect(ready.error).toMatch(/no subscription to unknown channels: NOPERM/);
    await redis.publish('data_sync:trades', PYTHON);
    await redis.publish('data_sync:market_data', PYTHON_BAR);
    await waitFor('both', () => bus.events.length === 3);
  });
});

describe('a bus that is lost', () => {
  it.each([
    ['killed by the server', 'kill'],
    ['restarted', 'restart'],
  ])('reconnects on its own: %s', async (_name, how) => {
    const server = await ownRedis();
    cleanups.push(server.stop);
    const bus = listen(parseRedisUrl(server.url));
    await bus.state('ready');
    if (how === 'restart') await server.restart();
    else await commands(server.url).call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await waitFor('the loss to be counted', () => bus.link().drops === 1, REDIS_LINK_MS);
    await bus.state('ready');
    expect(bus.links.some(({state, error}) => state === 'down' && error !== undefined)).toBe(true);
    await commands(server.url).publish('data_sync:trades', PYTHON);
    await waitFor('an event', () => bus.events.length === 1);
    expect(bus.link().drops).toBe(1);
  });

  it('notices a path that is dead and looks alive, and reconnects on another', async () => {
    const {redis} = await servers();
    const proxy = await startProxy({host: '127.0.0.1', port: redis.port});
    cleanups.push(proxy.close);
    const bus = listen(parseRedisUrl(redis.url.replace(`:${redis.port}/`, `:${proxy.port}/`)));
    await bus.state('ready');
    await proxy.set('frozen');
    const down = await bus.state('down');
    expect(down.error).toMatch(/Socket timeout/);
    await bus.state('ready');
    await commands(redis.url).publish('data_sync:trades', PYTHON);
    await waitFor('an event', () => bus.events.length === 1);
    expect(bus.link().drops).toBe(1);
  });

  it('survives an address that accepts connections and never answers', async () => {
    const {redis} = await servers();
    const proxy = await startProxy({host: '127.0.0.1', port: redis.port});
    cleanups.push(proxy.close);
    await proxy.set('blackhole');
    const bus = listen(parseRedisUrl(redis.url.replace(`:${redis.port}/`, `:${proxy.port}/`)));
    await bus.state('down');
    await proxy.set('pass');
    await bus.state('ready');
  });

  it('notices in its audit that the server has lost the subscription', async () => {
    const {redis} = await servers();
    const between = await startMeddler(redis.port);
    const bus = listen(parseRedisUrl(redis.url.replace(`:${redis.port}/`, `:${between.port}/`)), {auditMs: 50});
    await bus.state('ready');
    // The connection stays, its PINGs are answered, and no message would ever arrive again.
    between.say('PUNSUBSCRIBE\r\n');
    await waitFor('the loss to be counted', () => bus.link().drops === 1, REDIS_LINK_MS);
    expect(bus.links.find(({drops}) => drops === 1)?.error).toBe('the server had lost the subscription');
    await bus.state('ready');
    await commands(redis.url).publish('data_sync:trades', PYTHON);
    await waitFor('an event', () => bus.events.length === 1);
    expect(between.accepted()).toBe(1);
  });

  it('works without RESP3', async () => {
    const server = await ownRedis({extra: ['rename-command HELLO ""']});
    cleanups.push(server.stop);
    const bus = listen(parseRedisUrl(server.url), {pingMs: 20, auditMs: 20});
    await bus.state('ready');
    await waitFor('a round trip', () => bus.link().latencyMs !== undefined);
    await commands(server.url).publish('data_sync:trades', PYTHON);
    await waitFor('an event', () => bus.events.length === 1);
    await server.restart();
    await waitFor('the loss to be counted', () => bus.link().drops === 1, REDIS_LINK_MS);
    await bus.state('ready');
    await commands(server.url).publish('data_sync:trades', PYTHON);
    await waitFor('an event', () => bus.events.length === 2);
  });
});

/** A proxy between client and server that sends commands of its own. */
async function startMeddler(port: number) {
  const upstreams: Socket[] = [];
  const server = createServer(client => {
    const upstream = connect(port, '127.0.0.1');
    upstreams.push(upstream);
    for (const socket of [client, upstream]) socket.on('error', () => {});
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    for (const upstream of upstreams) upstream.destroy();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    say: (words: string) => upstreams.at(-1)?.write(words),
    accepted: () => upstreams.length,
  };
}
