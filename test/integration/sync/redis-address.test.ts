import {createHash} from 'node:crypto';
import {Redis} from 'ioredis';
import {afterEach, beforeEach, describe, test, vi} from 'vitest';
import {durable} from '../../../src/bus/streams.ts';
import type {RedisServer} from '../../../src/demo/redis.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import {openTrading, type Trading} from '../../helpers/desk/trading.ts';
import {type FaultProxy, startProxy} from '../../helpers/servers/proxy.ts';
import {ownRedis} from '../../helpers/servers/servers.ts';
import {LONG_TEST_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

vi.setConfig({testTimeout: LONG_TEST_MS, hookTimeout: LONG_TEST_MS});

const PASSWORD = 'the same on both';
const USER = [`user desk on #${createHash('sha256').update(PASSWORD).digest('hex')} ~* &* +@all`];
const MODES = ['pubsub', 'streams'] as const;

let [first, second]: RedisServer[] = [];
let address: FaultProxy;
let desk: Trading;
const cleanups: (() => unknown)[] = [];

beforeEach(async () => {
  [first, second] = await Promise.all([ownRedis({extra: USER}), ownRedis({extra: USER})]);
  cleanups.push((first as RedisServer).stop, (second as RedisServer).stop);
  address = await startProxy(first as RedisServer);
  cleanups.push(address.close);
  const database = await cloneDesk();
  cleanups.push(database.drop);
  const redisUrl = `redis://desk:${encodeURIComponent(PASSWORD)}@127.0.0.1:${address.port}/0`;
  desk = openTrading({direct: targetOf(database), redisUrl, by: durable});
  cleanups.push(desk.close);
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function commands(server: RedisServer | undefined): Redis {
  const client = new Redis({port: server?.port ?? 0, username: 'desk', password: PASSWORD});
  client.on('error', () => {});
  cleanups.push(() => client.disconnect());
  return client;
}

describe('a failover of the address of Redis', () => {
  test.each(MODES)('by %s, to an empty server when the old one dies', async mode => {
    await Promise.all([desk.start('one', mode), desk.start('two', mode)]);
    await desk.trade(100);
    const noticed = desk.watch();
    await first?.kill9();
    await Promise.all([noticed(), desk.trade(30)]);
    address.lead(second as RedisServer);
    await desk.well();
    await desk.trade(50);
    await desk.settled();
    await desk.declared(mode === 'pubsub' ? 'disconnect' : 'lost');
  });

  test.each(MODES)('by %s, where old connections stay open and silent', async mode => {
    await desk.start('one', mode);
    await desk.trade(100);
    const noticed = desk.watch();
    await address.set('frozen');
    address.lead(second as RedisServer);
    await Promise.all([noticed(), desk.trade(30)]);
    await desk.well();
    await desk.trade(50);
    await desk.settled();
    await desk.declared(mode === 'pubsub' ? 'disconnect' : 'lost');
  });

  test.each(MODES)('by %s, to a replica, while the old server lives on as its replica', async mode => {
    const [old, next] = [commands(first), commands(second)];
    for (const server of [old, next]) await server.config('SET', 'masteruser', 'desk');
    for (const server of [old, next]) await server.config('SET', 'masterauth', PASSWORD);
    await next.replicaof('127.0.0.1', first?.port ?? 0);
    await waitFor('the replica to be in step', async () => /link_status:up/.test(await next.info('replication')));
    await desk.start('one', mode);
    await desk.trade(100);
    await next.replicaof('NO', 'ONE');
    address.lead(second as RedisServer);
    await old.replicaof('127.0.0.1', second?.port ?? 0);
    await desk.trade(20);
    const reason = mode === 'pubsub' ? 'disconnect' : 'lost';
    await desk.declared(reason);
    await desk.well();
    await desk.trade(50);
    await desk.settled();
  });
});
