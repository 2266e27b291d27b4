import {readFileSync} from 'node:fs';
import {Redis} from 'ioredis';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {BUS_RIGHTS, BUS_RIGHTS_IN_CLUSTER, STREAM_RIGHTS, STREAM_RIGHTS_IN_CLUSTER} from '../../../src/bus/rights.ts';
import {durable, STREAM} from '../../../src/bus/streams.ts';
import type {RedisServer} from '../../../src/demo/redis.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import {openTrading, type Trading, type TradingOptions} from '../../helpers/desk/trading.ts';
import {startCluster} from '../../helpers/servers/redis-cluster.ts';
import {ownRedis} from '../../helpers/servers/servers.ts';
import {LONG_TEST_MS, SYNC_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

vi.setConfig({testTimeout: LONG_TEST_MS, hookTimeout: LONG_TEST_MS});

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const MODES = ['pubsub', 'streams'] as const;
const USER = {pubsub: 'tradetop_bus', streams: 'tradetop_sync'} as const;
const RIGHTS = {pubsub: BUS_RIGHTS, streams: STREAM_RIGHTS} as const;

const IN_CLUSTER = {pubsub: BUS_RIGHTS_IN_CLUSTER, streams: STREAM_RIGHTS_IN_CLUSTER} as const;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** The rights after ACL SETUSER in the README, with a password filled in. */
function readmeUser(mode: (typeof MODES)[number]): readonly string[] {
  const [, rules = ''] = new RegExp(`^ACL SETUSER (${USER[mode]} .*)$`, 'm').exec(README) ?? [];
  return rules.replace('PASSWORD', 'pw').split(' ');
}

async function trading(options: Omit<TradingOptions, 'direct'>): Promise<Trading> {
  const database = await cloneDesk();
  cleanups.push(database.drop);
  const desk = openTrading({direct: targetOf(database), by: durable, ...options});
  cleanups.push(desk.close);
  return desk;
}

function commands(server: RedisServer): Redis {
  const client = new Redis(server.url);
  cleanups.push(() => client.disconnect());
  return client;
}

describe('a Redis user with exactly the rights that the README names', () => {
  test.each(MODES)('by %s, receives messages, and again after a reconnection', async mode => {
    const redis = await ownRedis();
    cleanups.push(redis.stop);
    const admin = commands(redis);
    await admin.call('ACL', 'SETUSER', ...readmeUser(mode));
    const user = USER[mode];
    const desk = await trading({redisUrl: `redis://${user}:pw@127.0.0.1:${redis.port}/0`, publishUrl: redis.url});
    const service = await desk.start('one', mode);
    await desk.trade(50);
    await desk.settled();
    if (mode === 'streams') {
      const counted = () => {
        const {trades, duplicates} = service.stats().applied;
        return trades + duplicates;
      };
      await waitFor('the service to count every trade', () => counted() >= 50, SYNC_MS);
      expect(counted()).toBe(50);
      await waitFor('the stream’s figures', () => service.stats().stream?.lag === 0, SYNC_MS);
      await waitFor(
        'the stream to be acknowledged',
        async () => ((await admin.xpending(STREAM, 'tradetop')) as number[])[0] === 0,
        SYNC_MS,
      );
    }
    await admin.call('CLIENT', 'KILL', 'USER', user);
    await desk.well();
    await desk.trade(50);
    await desk.settled();
    // No command of it is denied.
    expect(await admin.call('ACL', 'LOG')).toEqual([]);
  });

  test.each(MODES)('by %s, receives messages in a Cluster with the further rights for it', async mode => {
    const cluster = await startCluster();
    cleanups.push(cluster.stop);
    for (const node of cluster.nodes) {
      await cluster.commands(node).call('ACL', 'SETUSER', ...readmeUser(mode), ...IN_CLUSTER[mode].split(' '));
    }
    const redisUrl = cluster.url.replace(/desk:[^@]*/, `${USER[mode]}:pw`);
    const desk = await trading({redisUrl, publishUrl: cluster.url});
    const service = await desk.start('one', mode);
    await desk.trade(50);
    await desk.settled();
    expect(service.stats()).toMatchObject({link: {state: 'ready', error: null, drops: 0}});
    for (const node of cluster.nodes) expect(await cluster.commands(node).call('ACL', 'LOG')).toEqual([]);
  });

  test('that may not query the server’s role treats every connection as another server', async () => {
    const redis = await ownRedis();
    cleanups.push(redis.stop);
    const admin = commands(redis);
    await admin.call('ACL', 'SETUSER', ...readmeUser('streams'), '-info');
    const redisUrl = `redis://${USER.streams}:pw@127.0.0.1:${redis.port}/0`;
    const desk = await trading({redisUrl, publishUrl: redis.url});
    await desk.start('one', 'streams');
    await desk.trade(50);
    await desk.settled();
    expect(await desk.gaps()).not.toContain('lost');
    await admin.call('CLIENT', 'KILL', 'USER', USER.streams);
    await desk.declared('lost');
    await desk.trade(50);
    await desk.settled();
  });
});

test('the README and the doctor name the same rights', () => {
  for (const mode of MODES) {
    expect(readmeUser(mode).slice(1).sort()).toEqual(['on', '>pw', '-@all', ...RIGHTS[mode].split(' ')].sort());
    expect(README).toContain(`\`${IN_CLUSTER[mode]}\``);
  }
});
