import {randomBytes} from 'node:crypto';
import {chown, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {Redis} from 'ioredis';
import {endProc, findProc, freePort} from '../../../src/demo/process.ts';
import type {RedisServer} from '../../../src/demo/redis.ts';
import {needRedis} from '../../../src/demo/redis-program.ts';
import {type RunningServer, runServer, serverEnv} from '../../../src/demo/server.ts';
import {makeServerDir, type TempDir} from '../../../src/demo/temp-dir.ts';
import type {Certificates} from './certificates.ts';
import {ownRedis, ownTempDir} from './servers.ts';
import {SENTINEL, SENTINEL_FAILOVER_MS} from './timers.ts';
import {LIMIT_MS, waitFor} from './wait.ts';

export type Sentinels = {
  /** The initial master, and its replica. */
  readonly master: RedisServer;
  readonly replica: RedisServer;
  /** The address through the Sentinels, with the user `desk`, who has all rights. */
  readonly url: string;
  /** A connection to one of the servers, as the user `desk`. */
  readonly commands: (node: RedisServer) => Redis;
  /** Waits until every Sentinel names the replica as the master, and the replica says that it is one. */
  readonly promoted: () => Promise<void>;
  /** Waits until a server says that it is a replica. */
  readonly demoted: (node: RedisServer) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Three Sentinels over a master and a replica, which they promote when the master dies; `SENTINEL` has their timers. */
export async function startSentinels({
  certificates,
}: {
  /** All of them speak TLS to each other and to clients, and the Sentinels name the TLS ports. */
  readonly certificates?: Certificates;
} = {}): Promise<Sentinels> {
  const password = randomBytes(12).toString('base64url');
  const settings = [
    `user desk on >${password} ~* &* +@all`,
    'masteruser desk',
    `masterauth ${password}`,
    'repl-diskless-sync-delay 0',
  ];
  // The port that peers and clients reach a server on: a separate one for TLS.
  const reached = new Map<{readonly port: number}, number>();
  const secured = async (): Promise<{readonly port: number | undefined; readonly lines: readonly string[]}> => {
    if (!certificates) return {port: undefined, lines: []};
    const port = await freePort();
    return {port, lines: [...certificates.lines(port), 'tls-replication yes']};
  };
  const servers: RedisServer[] = [];
  const sentinels: RunningServer[] = [];
  const clients: Redis[] = [];
  const open = (port: number, user: object): Redis => {
    const client = new Redis({port, ...user, maxRetriesPerRequest: 0});
    client.on('error', () => {});
    clients.push(client);
    return client;
  };
  const commands = (node: RedisServer): Redis => open(node.port, {username: 'desk', password});
  const stop = async (): Promise<void> => {
    for (const client of clients.splice(0)) client.disconnect();
    await Promise.all(sentinels.map(sentinel => sentinel.end([['SIGKILL', 5000]])));
    await Promise.all(servers.map(server => server.stop()));
  };
  try {
    const start = async (name: string, more: readonly string[]): Promise<RedisServer> => {
      const {port, lines} = await secured();
      const server = await ownRedis({name, extra: [...settings, ...lines, ...more]});
      servers.push(server);
      reached.set(server, port ?? server.port);
      return server;
    };
    const master = await start('master', []);
    const masterPort = reached.get(master) as number;
    const replica = await start('replica', [`replicaof 127.0.0.1 ${masterPort}`]);
    const synced = commands(replica);
    await waitFor(
      'the replica to be in sync',
      async () => /link_status:up/.test(await synced.info('replication')),
      SENTINEL_FAILOVER_MS,
    );
    const tempDir = await ownTempDir();
    for (const name of ['s1', 's2', 's3']) {
      const {port, lines} = await secured();
      const sentinel = await startSentinel(tempDir, name, lines, masterPort, password);
      sentinels.push(sentinel);
      reached.set(sentinel, port ?? sentinel.port);
    }
    const asked = sentinels.map(({port}) => open(port, {enableReadyCheck: false}));
    await waitFor('the Sentinels to know each other and the replica', () => knowAll(asked), SENTINEL_FAILOVER_MS);
    const hasRole = (role: 'master' | 'slave', node: RedisServer) => {
      const client = commands(node);
      const says = async () => new RegExp(`role:${role}`).test(await client.info('replication'));
      return waitFor(`the server on port ${node.port} to be a ${role}`, says, SENTINEL_FAILOVER_MS);
    };
    return {
      master,
      replica,
      url: `redis-sentinel://desk:${password}@${sentinels.map(sentinel => `127.0.0.1:${reached.get(sentinel)}`).join(',')}/0?master=desk`,
      commands,
      promoted: async () => {
        const port = reached.get(replica);
        const named = async () => (await Promise.all(asked.map(masterPortOf))).every(master => master === port);
        await waitFor('every Sentinel to name the replica as the master', named, SENTINEL_FAILOVER_MS);
        await hasRole('master', replica);
      },
      demoted: async node => {
        await hasRole('slave', node);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function masterPortOf(sentinel: Redis): Promise<number> {
  const address = (await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'desk')) as readonly string[];
  return Number(address[1]);
}

async function knowAll(sentinels: readonly Redis[]): Promise<boolean> {
  const known = await Promise.all(
    sentinels.map(async sentinel => {
      const count = async (what: string) => ((await sentinel.call('SENTINEL', what, 'desk')) as unknown[]).length;
      return (await count('SENTINELS')) === 2 && (await count('REPLICAS')) === 1;
    }),
  );
  return known.every(Boolean);
}

async function startSentinel(
  tempDir: TempDir,
  name: string,
  extra: readonly string[],
  master: number,
  password: string,
): Promise<RunningServer> {
  const program = await needRedis();
  const dir = await makeServerDir(tempDir, name);
  const write = async (port: number): Promise<string> => {
    const file = join(dir, 'sentinel.conf');
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${dir}`,
      'set-proc-title no',
      `sentinel monitor desk 127.0.0.1 ${master} 2`,
      'sentinel auth-user desk desk',
      `sentinel auth-pass desk ${password}`,
      `sentinel down-after-milliseconds desk ${SENTINEL.downAfterMs}`,
      `sentinel failover-timeout desk ${SENTINEL.failoverMs}`,
      ...extra,
    ];
    await writeFile(file, `${lines.join('\n')}\n`, {mode: 0o600});
    if (tempDir.user) await chown(file, tempDir.user.uid, tempDir.user.gid);
    return file;
  };
  return runServer({
    title: 'Sentinel',
    file: program.file,
    argv0: program.argv0,
    args: async port => [await write(port), '--sentinel'],
    cwd: dir,
    env: serverEnv(),
    user: tempDir.user,
    logFile: join(dir, 'server.log'),
    answers: async port => {
      const client = new Redis({port, enableReadyCheck: false, lazyConnect: true, retryStrategy: () => null});
      client.on('error', () => {});
      return client
        .connect()
        .then(() => client.ping())
        .then(
          () => true,
          () => false,
        )
        .finally(() => client.disconnect());
    },
    portTaken: /Address already in use|Failed listening on port/,
    readyWithinMs: LIMIT_MS,
    next: 'Does redis-server --sentinel run by hand?',
    end: async (pid, steps) => {
      const proc = await findProc(pid);
      if (proc) await endProc(proc, steps);
    },
  });
}
