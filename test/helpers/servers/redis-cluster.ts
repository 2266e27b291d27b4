import {randomBytes} from 'node:crypto';
import {Redis} from 'ioredis';
import {freePort} from '../../../src/demo/process.ts';
import type {RedisServer} from '../../../src/demo/redis.ts';
import {ownRedis} from './servers.ts';
import {CLUSTER, CLUSTER_FAILOVER_MS} from './timers.ts';
import {waitFor} from './wait.ts';

export type RedisCluster = {
  /** Three masters, then the replicas: one each for the first masters. */
  readonly nodes: readonly RedisServer[];
  /** The address of all nodes, with the user `desk` of every node, who has all rights. */
  readonly url: string;
  /** A connection to one node, as the user `desk`. */
  readonly commands: (node: RedisServer) => Redis;
  /** The node that serves a key or a sharded channel at present, as all nodes see it. */
  readonly ownerOf: (key: string) => Promise<RedisServer>;
  /** Waits until every node that runs says that another node than this one serves the key, and gives that. */
  readonly promoted: (key: string, inPlaceOf: RedisServer) => Promise<RedisServer>;
  /** Waits until every node that runs says that every slot is served. */
  readonly whole: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** A real Redis Cluster of three masters, the slots shared out among them; `CLUSTER` has its timers. */
export async function startCluster({
  replicas = 0,
  extra = async () => [],
}: {
  readonly replicas?: number;
  /** More lines of a node's redis.conf. */
  readonly extra?: () => Promise<readonly string[]>;
} = {}): Promise<RedisCluster> {
  const password = randomBytes(12).toString('base64url');
  const nodes: RedisServer[] = [];
  const clients: Redis[] = [];
  const stop = async (): Promise<void> => {
    for (const client of clients.splice(0)) client.disconnect();
    await Promise.all(nodes.map(node => node.stop()));
  };
  const commands = (node: RedisServer): Redis => {
    const client = new Redis({port: node.port, username: 'desk', password, maxRetriesPerRequest: 0});
    client.on('error', () => {});
    clients.push(client);
    return client;
  };
  try {
    const ports = new Map<RedisServer, number>();
    for (let i = 0; i < 3 + replicas; i++) {
      const bus = await freePort();
      const node = await ownRedis({name: `node${i}`, extra: [...settings(bus, password), ...(await extra())]});
      nodes.push(node);
      ports.set(node, bus);
    }
    await join(nodes, ports, nodes.map(commands));
  } catch (error) {
    await stop();
    throw error;
  }
  const admins = new Map(nodes.map((node, i) => [node, clients[i] as Redis]));
  const live = async (): Promise<readonly (readonly [RedisServer, Redis])[]> => {
    const asked = await Promise.all(
      [...admins].map(async ([node, client]) => [node, client, await up(client)] as const),
    );
    return asked.filter(([, , answers]) => answers).map(([node, client]) => [node, client] as const);
  };
  // One that has just come back may still take itself for the master that it was.
  const agreedOwner = async (key: string): Promise<RedisServer | undefined> => {
    const named = (await live()).map(async ([, client]) => {
      const slot = await client.cluster('KEYSLOT', key);
      return ownerIn(await client.cluster('SLOTS'), slot);
    });
    const owners = new Set(await Promise.all(named));
    return owners.size === 1 ? nodes.find(node => owners.has(node.port)) : undefined;
  };
  return {
    nodes,
    url: `redis-cluster://desk:${password}@${nodes.map(node => `127.0.0.1:${node.port}`).join(',')}`,
    commands,
    ownerOf: key => waitFor(`all nodes to name the same owner of ${key}`, () => agreedOwner(key), CLUSTER_FAILOVER_MS),
    promoted: (key, inPlaceOf) =>
      waitFor(
        `all nodes to name a new owner of ${key}`,
        async () => {
          const owner = await agreedOwner(key);
          return owner !== inPlaceOf && owner;
        },
        CLUSTER_FAILOVER_MS,
      ),
    whole: async () => {
      await waitFor(
        'every slot to be served',
        async () => {
          const states = await Promise.all((await live()).map(([, client]) => client.cluster('INFO')));
          return states.length > 0 && states.every(info => /cluster_state:ok/.test(String(info)));
        },
        CLUSTER_FAILOVER_MS,
      );
    },
    stop,
  };
}

const settings = (bus: number, password: string): readonly string[] => [
  'cluster-enabled yes',
  `cluster-port ${bus}`,
  `cluster-node-timeout ${CLUSTER.nodeTimeoutMs}`,
  'cluster-replica-validity-factor 0',
  'repl-diskless-sync-delay 0',
  `user desk on >${password} ~* &* +@all`,
  'masteruser desk',
  `masterauth ${password}`,
];

const up = (client: Redis): Promise<boolean> =>
  client.ping().then(
    () => true,
    () => false,
  );

function ownerIn(slots: unknown, slot: number): number | undefined {
  const ranges = slots as readonly (readonly [number, number, readonly [string, number]])[];
  return ranges.find(([from, to]) => from <= slot && slot <= to)?.[2][1];
}

async function join(
  nodes: readonly RedisServer[],
  ports: ReadonlyMap<RedisServer, number>,
  clients: readonly Redis[],
): Promise<void> {
  const [first, ...others] = clients as [Redis, ...Redis[]];
  const ranges = [
    ['0', '5460'],
    ['5461', '10922'],
    ['10923', '16383'],
  ] as const;
  for (const [i, [from, to]] of ranges.entries()) {
    await clients[i]?.call('CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1));
    await clients[i]?.call('CLUSTER', 'ADDSLOTSRANGE', from, to);
  }
  const met = `cluster_known_nodes:${nodes.length}`;
  for (const node of nodes.slice(1)) {
    await first.call('CLUSTER', 'MEET', '127.0.0.1', String(node.port), String(ports.get(node)));
  }
  const all = async (words: RegExp) =>
    (await Promise.all(clients.map(client => client.cluster('INFO')))).every(info => words.test(String(info)));
  await waitFor('the nodes to know each other', () => all(new RegExp(`${met}\\b`)), CLUSTER_FAILOVER_MS);
  for (const [i, client] of others.slice(2).entries()) {
    await client.call('CLUSTER', 'REPLICATE', String(await clients[i]?.cluster('MYID')));
  }
  await waitFor('the Cluster to be whole', () => all(/cluster_state:ok/), CLUSTER_FAILOVER_MS);
  for (const client of others.slice(2)) {
    await waitFor(
      'a replica to be in sync',
      async () => /master_link_status:up/.test(await client.info('replication')),
      CLUSTER_FAILOVER_MS,
    );
  }
}
