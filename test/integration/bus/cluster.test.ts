import type {Cluster} from 'ioredis';
import {afterAll, afterEach, beforeAll, describe, expect, it, vi} from 'vitest';
import type {BusLink, DeskEvent} from '../../../src/bus/event.ts';
import {publishMarketData, publishTrade} from '../../../src/bus/publish.ts';
import {sharded} from '../../../src/bus/sharded.ts';
import {type SubscribeOptions, subscribe} from '../../../src/bus/subscribe.ts';
import type {RedisServer} from '../../../src/demo/redis.ts';
import {openRedis} from '../../../src/io/redis.ts';
import {parseRedisUrl} from '../../../src/io/redis-url.ts';
import {type RedisCluster, startCluster} from '../../helpers/servers/redis-cluster.ts';
import {LONG_TEST_MS, REDIS_LINK_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

vi.setConfig({testTimeout: LONG_TEST_MS, hookTimeout: LONG_TEST_MS});

const TRADES = 'data_sync:trades';
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function listen(url: string, options: Partial<SubscribeOptions> = {}) {
  const [events, links]: [DeskEvent[], BusLink[]] = [[], []];
  let provenAt = 0;
  const {close} = subscribe(parseRedisUrl(url), {
    onEvent: event => events.push(event),
    onReject: () => {},
    onLink: link => links.push(link),
    onProven: at => {
      provenAt = at;
    },
    pingMs: 100,
    ...options,
  });
  cleanups.push(close);
  const state = (wanted: BusLink['state']) =>
    waitFor(`the link to be ${wanted}`, () => links.at(-1)?.state === wanted && links.at(-1), REDIS_LINK_MS);
  return {events, links, state, provenAt: () => provenAt, drops: () => links.at(-1)?.drops ?? 0};
}

/** The address with this node first, to which a subscriber connects first. */
const through = (cluster: RedisCluster, ...first: readonly RedisServer[]): string => {
  const hosts = [...first, ...cluster.nodes.filter(node => !first.includes(node))];
  return cluster.url.replace(/@.*/, `@${hosts.map(node => `127.0.0.1:${node.port}`).join(',')}`);
};

function publisher(cluster: RedisCluster): Cluster {
  const client = openRedis(parseRedisUrl(cluster.url), {name: 'a publisher', offline: 'wait'}) as Cluster;
  cleanups.push(() => client.disconnect());
  return client;
}

const trade = (id: string) =>
  ({trade_id: id, account_id: 'ACC-1', symbol: 'AAPL', side: 'buy', quantity: '1', price: '2.5'}) as const;

const idsOf = (events: readonly DeskEvent[]) => events.map(event => event.correlationId);

// A message may fall into the moment between two connections: it is sent until one arrives.
const heard = (send: () => Promise<unknown>, events: DeskEvent[]) => {
  events.length = 0;
  return waitFor(
    'an event',
    async () => {
      await send();
      return events.length > 0;
    },
    REDIS_LINK_MS,
  );
};

/** A node that does not own the channel of trades. */
const notOf = (cluster: RedisCluster, owner: RedisServer): RedisServer =>
  cluster.nodes.find(node => node !== owner) as RedisServer;

describe('the bus of a Cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster.stop());

  it('delivers once what is sent on any node, with PUBLISH or SPUBLISH', async () => {
    const bus = listen(cluster.url);
    await bus.state('ready');
    const client = publisher(cluster);
    const sent: string[] = [];
    for (const [i, node] of cluster.nodes.entries()) {
      await publishTrade(cluster.commands(node), trade(`classic-${i}`));
      await publishTrade(sharded(client), trade(`sharded-${i}`));
      sent.push(`classic-${i}`, `sharded-${i}`);
    }
    await publishMarketData(sharded(client), {symbol: 'AAPL', close: '1.0000'});
    await waitFor('every event', () => bus.events.length >= sent.length + 1);
    expect(
      idsOf(bus.events)
        .filter(id => id !== undefined)
        .sort(),
    ).toEqual(sent.sort());
    expect(bus.links.at(-1)).toMatchObject({state: 'ready', error: undefined, drops: 0});
  });

  it('continues on the next node when its node dies, although the address names only that one', async () => {
    const owner = await cluster.ownerOf(TRADES);
    const first = notOf(cluster, owner);
    const bus = listen(through(cluster, first).replace(/,.*/, ''), {sharded: false});
    await bus.state('ready');
    // It asks the node for the others when it has subscribed. A later PING is answered behind that.
    const readyAt = Date.now() * 1000;
    await waitFor('the node’s answer about the other nodes', () => bus.provenAt() > readyAt, REDIS_LINK_MS);
    await first.kill9();
    cleanups.push(() => first.restart().then(cluster.whole));
    await waitFor('the loss', () => bus.drops() === 1, REDIS_LINK_MS);
    await bus.state('ready');
    await heard(() => publishTrade(cluster.commands(owner), trade('t')), bus.events);
  });

  it('moves with a channel whose slot moves to another node', async () => {
    const from = await cluster.ownerOf(TRADES);
    const to = notOf(cluster, from);
    const bus = listen(through(cluster, to));
    await bus.state('ready');
    const [source, target] = [cluster.commands(from), cluster.commands(to)];
    const slot = String(await source.cluster('KEYSLOT', TRADES));
    const [sourceId, targetId] = [await source.cluster('MYID'), await target.cluster('MYID')].map(String);
    await target.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', sourceId as string);
    await source.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', targetId as string);
    for (const client of [target, source]) await client.call('CLUSTER', 'SETSLOT', slot, 'NODE', targetId as string);
    await waitFor('the loss', () => bus.drops() === 1, REDIS_LINK_MS);
    expect(bus.links.find(link => link.state === 'down')?.error).toBe('the channel moved to another node');
    await bus.state('ready');
    expect(await target.spublish(TRADES, 'x')).toBe(1);
    await heard(() => publishTrade(sharded(target), trade('moved')), bus.events);
  });

  it('proves nothing while one of its connections hangs, even when the others work', async () => {
    const owner = await cluster.ownerOf(TRADES);
    const bus = listen(through(cluster, notOf(cluster, owner)));
    await bus.state('ready');
    await waitFor('a proof', () => bus.provenAt() > 0, REDIS_LINK_MS);
    process.kill(owner.pid, 'SIGSTOP');
    const stoppedAt = Date.now() * 1000;
    cleanups.push(() => process.kill(owner.pid, 'SIGCONT'));
    await bus.state('down');
    expect(bus.provenAt()).toBeLessThanOrEqual(stoppedAt);
    process.kill(owner.pid, 'SIGCONT');
    await bus.state('ready');
    await waitFor('a proof again', () => bus.provenAt() > stoppedAt, REDIS_LINK_MS);
    await cluster.whole();
    expect(bus.drops()).toBe(1);
  });

  it('works without sharded messages where the user may not subscribe to them, and says so', async () => {
    const rules = ['on', '>pass', 'resetchannels', '&data_sync:*', '+subscribe', '+psubscribe', '+ping'];
    for (const node of cluster.nodes) await cluster.commands(node).call('ACL', 'SETUSER', 'classic', 'reset', ...rules);
    const owner = await cluster.ownerOf(TRADES);
    const bus = listen(through(cluster, owner).replace(/desk:[^@]*/, 'classic:pass'), {auditMs: 200});
    await bus.state('ready');
    expect(bus.links.at(-1)?.error).toMatch(/^no subscription to sharded messages: NOPERM .*ssubscribe/);
    await heard(() => publishTrade(cluster.commands(notOf(cluster, owner)), trade('t')), bus.events);
    await waitFor('a proof', () => bus.provenAt() > 0, REDIS_LINK_MS);
    // Once it may, it hears them without being started again.
    for (const node of cluster.nodes) await cluster.commands(node).call('ACL', 'SETUSER', 'classic', '+ssubscribe');
    await heard(() => publishTrade(sharded(cluster.commands(owner)), trade('s')), bus.events);
    await waitFor('the note to go', () => bus.links.at(-1)?.error === undefined, REDIS_LINK_MS);
    expect(bus.links.map(link => link.state)).not.toContain('down');
  });
});

describe('the bus of a Cluster whose masters have replicas', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startCluster({replicas: 3});
  });
  afterAll(() => cluster.stop());

  it('continues on the promoted replica when the owner of a channel dies, and reports the gap', async () => {
    const owner = await cluster.ownerOf(TRADES);
    const bus = listen(through(cluster, notOf(cluster, owner)));
    await bus.state('ready');
    const client = publisher(cluster);
    await heard(() => publishTrade(sharded(client), trade('before')), bus.events);
    await owner.kill9();
    await cluster.promoted(TRADES, owner);
    await waitFor('the loss', () => bus.drops() === 1, REDIS_LINK_MS);
    await bus.state('ready');
    await heard(() => publishTrade(sharded(client), trade('after')), bus.events);
    expect(await cluster.ownerOf(TRADES)).not.toBe(owner);
    await owner.restart();
    await cluster.whole();
    await heard(() => publishTrade(sharded(client), trade('back')), bus.events);
  });
});

describe('the bus of a Cluster of an older Redis', () => {
  it('works without sharded messages, which that Redis does not have', async () => {
    const cluster = await startCluster({extra: async () => ['rename-command SSUBSCRIBE ""']});
    cleanups.push(cluster.stop);
    const bus = listen(cluster.url);
    await bus.state('ready');
    expect(bus.links.at(-1)?.error).toMatch(/^no subscription to sharded messages: ERR unknown command/);
    await heard(() => publishTrade(cluster.commands(cluster.nodes[2] as RedisServer), trade('t')), bus.events);
  });
});
