import type {Duplex} from 'node:stream';
import type {ConnectionOptions} from 'node:tls';
import {Cluster, Redis, type RedisOptions} from 'ioredis';
import type {HostPort, RedisTarget} from './targets.ts';

export type RedisRole = {
  /** Shown in CLIENT LIST, with what Redis allows in a name. */
  readonly name: string;
  /** Commands while there is no connection, or whose connection is lost: `wait` keeps them, `fail` rejects at once. */
  readonly offline: 'wait' | 'fail';
  /** The connection subscribes: nothing is subscribed again but by its owner, and INFO (a right of its own) is not asked. */
  readonly subscribes?: boolean;
};

/** Either kind of client; both speak the same commands. */
export type RedisClient = Redis | Cluster;

/**
 * Opens a Redis connection that finds dead paths: `socketTimeout` with the caller's PING every second is the one set-up
 * that notices a half-open path (3 s) and always recovers. It retries for ever, at most every 2 s. An `error` listener
 * is attached, since ioredis prints to the screen without one.
 */
export function openRedis(target: RedisTarget, role: RedisRole): RedisClient {
  const first = target.nodes[0] as HostPort;
  const common: RedisOptions = {
    // With a space in it Redis refuses the name, and the client does not tell.
    connectionName: role.name.replace(/[^!-~]+/g, '-'),
    db: target.db,
    ...(target.user ? {username: target.user} : {}),
    ...(target.password() === undefined ? {} : {password: target.password() as string}),
    ...(target.tls ? {tls: tlsOf(target)} : {}),
    enableOfflineQueue: role.offline === 'wait',
    connectTimeout: 3000,
    socketTimeout: 3000,
    maxRetriesPerRequest: role.offline === 'fail' && !role.subscribes ? 0 : null,
    retryStrategy: times => Math.min(50 * 2 ** Math.min(times, 6), 2000),
    // The server behind the address was made a replica: whoever has its place now is at that address, or soon is.
    reconnectOnError: error => error.message.startsWith('READONLY'),
    // A resubscription that ioredis makes by itself and that is refused (NOPERM) rejects where nobody can catch it.
    ...(role.subscribes ? {autoResubscribe: false, enableReadyCheck: false} : {}),
  };
  if (target.kind === 'cluster') {
    const cluster = new Cluster([...target.nodes], {
      redisOptions: common,
      enableOfflineQueue: role.offline === 'wait',
      clusterRetryStrategy: times => Math.min(100 * times, 2000),
    });
    cluster.on('error', nothing);
    return cluster.on('+node', guard);
  }
  const place = target.socket ? {path: target.socket} : {host: first.host, port: first.port};
  const client = new Redis({
    ...common,
    ...(target.kind === 'sentinel' ? sentinelOf(target) : place),
    lazyConnect: true,
  });
  client.on('error', nothing);
  guard(client);
  client.connect().catch(nothing);
  return client;
}

const nothing = (): void => {};

type Connector = {connect: (...args: readonly unknown[]) => Promise<Duplex>};

// ioredis listens to a socket's first error alone. A TLS socket may have two, the certificate's and what the other side
// says to its refusal, and the second would end the process.
function guard(client: Redis): void {
  const {connector} = client as unknown as {readonly connector: Connector};
  const connect = connector.connect.bind(connector);
  connector.connect = async (...args) => (await connect(...args)).on('error', nothing);
}

const tlsOf = ({ca, cert, key}: RedisTarget): ConnectionOptions => ({
  ...(ca ? {ca} : {}),
  ...(cert ? {cert} : {}),
  ...(key ? {key: key() as string} : {}),
});

// Without both the Sentinels are asked in clear, and so is the master that they name, whatever the address says.
const sentinelOf = (target: RedisTarget): RedisOptions => ({
  sentinels: [...target.nodes],
  name: target.master ?? '',
  ...(target.tls ? {sentinelTLS: tlsOf(target), enableTLSForSentinelMode: true} : {}),
});
