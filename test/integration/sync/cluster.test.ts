import type {Cluster} from 'ioredis';
import {afterAll, afterEach, beforeAll, describe, expect, test, vi} from 'vitest';
import type {Publisher} from '../../../src/bus/publish.ts';
import {sharded} from '../../../src/bus/sharded.ts';
import {durable, STREAM, streamKeys} from '../../../src/bus/streams.ts';
import type {RedisServer} from '../../../src/demo/redis.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import {openTrading, type Trading} from '../../helpers/desk/trading.ts';
import {type RedisCluster, startCluster} from '../../helpers/servers/redis-cluster.ts';
import {LONG_TEST_MS} from '../../helpers/servers/timers.ts';

vi.setConfig({testTimeout: LONG_TEST_MS, hookTimeout: LONG_TEST_MS});

const TRADES = 'data_sync:trades';
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Rig = {readonly cluster: RedisCluster; readonly desk: Trading};

/** Publishes every other trade by PUBLISH, the rest by SPUBLISH. */
const eitherWay = (client: unknown): Publisher => {
  let turn = 0;
  const ways = [client as Cluster, sharded(client as Cluster)];
  return {publish: (channel, message) => (ways[turn++ % 2] as Publisher).publish(channel, message)};
};

/** Starts a Cluster for the tests of a block, and gives each of them a desk of its own. */
function clusterOf(replicas: number) {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startCluster({replicas});
  });
  afterAll(() => cluster.stop());
  return async (by: (client: never) => Publisher): Promise<Rig> => {
    const database = await cloneDesk();
    cleanups.push(database.drop);
    const desk = openTrading({direct: targetOf(database), redisUrl: cluster.url, by: client => by(client as never)});
    cleanups.push(desk.close);
    return {cluster, desk};
  };
}

/** Kills a master that has no replica while the desk trades, waits until a worker noticed, and restarts it. */
async function lose({cluster, desk}: Rig, node: RedisServer): Promise<void> {
  const noticed = desk.watch();
  await node.kill9();
  await Promise.all([desk.trade(40), noticed()]);
  await restart({cluster, desk}, node);
}

/** Kills the owner of a key while the desk trades, waits until its replica is promoted and a worker noticed, restarts it. */
async function failOver({cluster, desk}: Rig, key: string): Promise<void> {
  const owner = await cluster.ownerOf(key);
  const noticed = desk.watch();
  await owner.kill9();
  await Promise.all([desk.trade(40), cluster.promoted(key, owner)]);
  await noticed();
  await cluster.whole();
  await desk.well();
  await desk.trade(20);
  await restart({cluster, desk}, owner);
}

async function restart({cluster, desk}: Rig, node: RedisServer): Promise<void> {
  await node.restart();
  await cluster.whole();
  await desk.well();
  await desk.trade(40);
}

describe('on a Cluster of three masters', () => {
  const open = clusterOf(0);

  test('by Pub/Sub, every trade counts once when each master dies and returns', async () => {
    const rig = await open(eitherWay);
    const {cluster, desk} = rig;
    await Promise.all([desk.start('one'), desk.start('two')]);
    await desk.trade(100);
    await desk.settled();
    const gaps = (await desk.gaps()).length;
    // Workers subscribe to PUBLISH on the first node of the address; SPUBLISH comes from the channel's owner.
    const first = cluster.nodes[0] as RedisServer;
    const owner = await cluster.ownerOf(TRADES);
    await lose(rig, first);
    if (owner !== first) await lose(rig, owner);
    await desk.settled();
    await desk.declared('disconnect', gaps);
  });

  test('by streams, a stream that dies with its master is a gap, and the next one is read from its start', async () => {
    const rig = await open(durable as never);
    await Promise.all([rig.desk.start('one', 'streams'), rig.desk.start('two', 'streams')]);
    await rig.desk.trade(100);
    await lose(rig, await rig.cluster.ownerOf(STREAM));
    await rig.desk.settled();
    await rig.desk.declared('lost');
  });

  test('by streams with shards on every master, each dies and returns, and every trade counts once', async () => {
    const rig = await open(durable as never);
    const {cluster, desk} = rig;
    await Promise.all(['one', 'two', 'three'].map(worker => desk.start(worker, 'streams', 6)));
    await desk.trade(100);
    await desk.settled();
    const owners = await Promise.all(streamKeys(6).map(cluster.ownerOf));
    expect(new Set(owners).size).toBe(3);
    for (const node of new Set(owners)) await lose(rig, node);
    await desk.settled();
    await desk.declared('lost');
  });

  test.each(['pubsub', 'streams'] as const)(
    'by %s, a worker reports that all masters are gone, and recovers',
    async mode => {
      const {cluster, desk} = await open(durable as never);
      await desk.start('one', mode);
      await desk.trade(20);
      const noticed = desk.watch();
      await Promise.all(cluster.nodes.map(node => node.kill9()));
      await noticed();
      await desk.book(10);
      await Promise.all(cluster.nodes.map(node => node.restart()));
      await cluster.whole();
      await desk.well();
      await desk.trade(20);
      await desk.settled();
    },
  );
});

describe('on a Cluster whose masters have replicas', () => {
  const open = clusterOf(3);

  test('by Pub/Sub, every trade counts once when a replica is promoted', async () => {
    const rig = await open(eitherWay);
    await rig.desk.start('one');
    await rig.desk.trade(50);
    await failOver(rig, TRADES);
    await rig.desk.settled();
  });

  test('by streams, what the promoted replica has is read, and what it may lack is recovered', async () => {
    const rig = await open(durable as never);
    await Promise.all([rig.desk.start('one', 'streams'), rig.desk.start('two', 'streams')]);
    await rig.desk.trade(50);
    await failOver(rig, STREAM);
    await rig.desk.settled();
    await rig.desk.declared('lost');
  });
});
