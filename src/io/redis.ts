import type {Duplex} from 'node:stream';
import type {ConnectionOptions} from 'node:tls';
import {Cluster, Redis, type RedisOptions} from 'ioredis';
import type {HostPort, RedisTarget} from './targets.ts';

type RedisRole = {
  /** Shown in CLIENT LIST, with characters that Redis does not allow replaced. */
  readonly name: string;
  /** Commands without a connection, or whose connection is lost: `wait` keeps them, `fail` rejects at once. */
  readonly offline: 'wait' | 'fail';
  /**
   * The connection subscribes: only its owner subscribes again, and INFO, which needs a right of its own, is not sent.
   */
  readonly subscribes?: boolean;
};

/** A client of one server or of a Cluster; both have the same commands. */
export type RedisClient = Redis | Cluster;

/**
 * Opens a Redis connection that detects dead paths: `socketTimeout` together with the caller's PING every second is the
 * one configuration that notices a half-open path (after 3 s) and always recovers. It retries for ever, with at most 2
 * s between attempts. It has an `error` listener, since ioredis prints to the screen without one.
 */
export function openRedis(target: RedisTarget, role: RedisRole): RedisClient {
  const first = target.nodes[0] as HostPort;
  const common: RedisOptions = {
    // Redis refuses a name with a space, and the client does not report it.
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
    // The server behind the address became a replica: the new master has that address, or will have it soon.
    reconnectOnError: error => error.message.startsWith('READONLY'),
    // If ioredis itself subscribes again and is refused (NOPERM), the promise rejects where nobody can catch it.
    ...(role.subscribes ? {autoResubscribe: false, enableReadyCheck: false} : {}),
  };
  if (target.kind === 'cluster') {
    const cluster = new Cluster([...target.nodes], {
      redisOptions: common,
      enableOfflineQueue: role.offline === 'wait',
      clusterRetryStrategy: times => Math.min(100 * times, 2000),
    });
    cluster.on('error', nothing);
    return cluster.on('+node', guardSocket);
  }
  const address = target.socket ? {path: target.socket} : {host: first.host, port: first.port};
  const client = new Redis({
    ...common,
    ...(target.kind === 'sentinel' ? sentinelOf(target) : address),
    lazyConnect: true,
  });
  client.on('error', nothing);
  guardSocket(client);
  client.connect().catch(nothing);
  return client;
}

/** Runs `work` on a connection of its own, which waits for the server, and closes it. Throws the driver's error. */
export async function withRedis<T>(
  target: RedisTarget,
  name: string,
  work: (client: RedisClient) => Promise<T>,
): Promise<T> {
  const client = openRedis(target, {name, offline: 'wait'});
  return work(client).finally(() => client.disconnect());
}

const nothing = (): void => {};

type Connector = {connect: (...args: readonly unknown[]) => Promise<Duplex>};

// ioredis listens to a socket's first error only. A TLS socket may emit two, the certificate's and the peer's answer to
// its refusal, and the second would end the process.
function guardSocket(client: Redis): void {
  const {connector} = client as unknown as {readonly connector: Connector};
  const connect = connector.connect.bind(connector);
  connector.connect = async (...args) => {
    const socket = await connect(...args);
    socket.on('error', nothing);
    tellRefusal(client, socket);
    return socket;
  };
}

const REFUSAL_MS = 1000;
const MINUS = 0x2d;

/**
 * Redis says why it takes no client (protected mode, maxclients) and closes. ioredis gives that reply to the first command
 * of its handshake, whose error nobody hears, and reports a broken pipe: the error becomes what Redis has said.
 */
function tellRefusal(client: Redis, socket: Duplex): void {
  let said: {readonly words: string; readonly at: number} | undefined;
  const refusal = (): string | undefined =>
    said !== undefined && performance.now() - said.at < REFUSAL_MS ? said.words : undefined;
  // In one packet: a second one would fail before the reply is read.
  socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => {
    socket.cork();
    process.nextTick(() => socket.uncork());
  });
  socket.on('data', (chunk: Buffer) => {
    const [, words] = chunk[0] === MINUS ? (/^-([^\r\n]*)/.exec(chunk.toString('utf8', 0, 2000)) ?? []) : [];
    said = words === undefined ? undefined : {words, at: performance.now()};
  });
  let failed = false;
  socket.on('error', error => {
    failed = true;
    const words = refusal();
    if (words !== undefined) Object.assign(error, {message: words, code: undefined});
  });
  socket.on('close', () => {
    const words = refusal();
    if (!failed && words !== undefined) client.emit('error', new Error(words));
  });
}

const tlsOf = ({ca, cert, key, trust}: RedisTarget): ConnectionOptions => ({
  ...(ca ? {ca} : {}),
  ...(cert ? {cert} : {}),
  ...(key ? {key: key() as string} : {}),
  ...(trust === 'anyone' ? {rejectUnauthorized: false} : {}),
  ...(trust === undefined ? {} : {checkServerIdentity: () => undefined}),
});

// Without both options the connections to the Sentinels and to the master that they name are not encrypted.
const sentinelOf = (target: RedisTarget): RedisOptions => ({
  sentinels: [...target.nodes],
  name: target.master ?? '',
  ...(target.tls ? {sentinelTLS: tlsOf(target), enableTLSForSentinelMode: true} : {}),
});
