import type {Cluster} from 'ioredis';
import {afterAll, afterEach, beforeAll, describe, test} from 'vitest';
import type {Publisher} from '../../../src/bus/publish.ts';
import {sharded} from '../../../src/bus/sharded.ts';
import {durable, STREAM} from '../../../src/bus/streams.ts';
import type {RedisServer} from '../../../src/demo/redis.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import {openTrading, type Trading} from '../../helpers/desk/trading.ts';
import {type RedisCluster, startCluster} from '../../helpers/servers/redis-cluster.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const TRADES = 'data_sync:trades';
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Rig = {readonly cluster: RedisCluster; readonly desk: Trading};

/** Half of the trades go out by PUBLISH, half by SPUBLISH. */
const eitherWay = (client: unknown): Publisher => {
  let turn = 0;
  const ways = [client as Cluster, sharded(client as Cluster)];
  return {publish: (channel, message) => (ways[turn++ % 2] as Publisher).publish(channel, message)};
};

/** A Cluster for the tests of a block, and for each of them a desk of its own. */
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

/** Kills a master while the desk trades, and lets it come back; `key`: what its replica takes over meanwhile. */
async function lose({cluster, desk}: Rig, node: RedisServer, key?: string): Promise<void> {
  await node.kill9();
  await Promise.all([desk.trade(40), desk.unwell()]);
  if (key !== undefined) {
    await waitFor('a replica to be promoted', async () => (await cluster.ownerOf(key)) !== node, 30_000);
    await cluster.whole();
    await desk.well();
    await desk.trade(20);
  }
  await node.restart();
  await cluster.whole();
  await desk.well();
  await desk.trade(40);
}

describe('on a Cluster of three masters', {timeout: 180_000}, () => {
  const open = clusterOf(0);

  test('by Pub/Sub, the death and return of each master leaves what the trades add up to', async () => {
    const rig = await open(eitherWay);
    const {cluster, desk} = rig;
    await Promise.all([desk.start('one'), desk.start('two')]);
    await desk.trade(100);
    await desk.settled();
    const gaps = (await desk.gaps()).length;
    // The first of the address is the one that the workers hang on; another one owns the channel.
    const hung = cluster.nodes[0] as RedisServer;
    const owner = await cluster.ownerOf(TRADES);
    await lose(rig, hung);
    if (owner !== hung) await lose(rig, owner);
    await desk.settled();
    await desk.declared('disconnect', gaps);
  });

  test('by streams, a stream that dies with its master is a gap, and is begun anew', async () => {
    const rig = await open(durable as never);
    await Promise.all([rig.desk.start('one', 'streams'), rig.desk.start('two', 'streams')]);
    await rig.desk.trade(100);
    await lose(rig, await rig.cluster.ownerOf(STREAM));
    await rig.desk.settled();
    await rig.desk.declared('lost');
  });

  test.each(['pubsub', 'streams'] as const)('by %s, a worker says that all of it is gone, and goes on', async mode => {
    const {cluster, desk} = await open(durable as never);
    await desk.start('one', mode);
    await desk.trade(20);
    await Promise.all(cluster.nodes.map(node => node.kill9()));
    await desk.unwell();
    await desk.book(10);
    await Promise.all(cluster.nodes.map(node => node.restart()));
    await cluster.whole();
    await desk.well();
    await desk.trade(20);
    await desk.settled();
  });
});

describe('on a Cluster whose masters have replicas', {timeout: 180_000}, () => {
  const open = clusterOf(3);

  test('by Pub/Sub, the promotion of a replica leaves what the trades add up to', async () => {
    const rig = await open(eitherWay);
    await rig.desk.start('one');
    await rig.desk.trade(50);
    await lose(rig, await rig.cluster.ownerOf(TRADES), TRADES);
    await rig.desk.settled();
  });

  test('by streams, what the promoted replica has is read on, and what it may lack is recovered', async () => {
    const rig = await open(durable as never);
    await Promise.all([rig.desk.start('one', 'streams'), rig.desk.start('two', 'streams')]);
    await rig.desk.trade(50);
    await lose(rig, await rig.cluster.ownerOf(STREAM), STREAM);
    await rig.desk.settled();
    await rig.desk.declared('lost');
  });
});
