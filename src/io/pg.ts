import {readFileSync} from 'node:fs';
import type {Socket} from 'node:net';
import pg from 'pg';
import pgpass from 'pgpass';
import {failureOf, UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Io, PoolCounts, QueryOptions, Raw} from './io.ts';
import type {PgTarget} from './pg-target.ts';
import type {SqlLibrary} from './sql.ts';

export type PgOptions = {
  /** Shown in pg_stat_activity: `tradetop watch`, `tradetop sync`. */
  readonly name: string;
  readonly max?: number;
  /** The server gives a statement up after this, in milliseconds; 0: never. Default 5,000. */
  readonly statementMs?: number;
  /** The server gives up waiting for a lock after this, in milliseconds. Default 100: a monitor never queues. */
  readonly lockMs?: number;
  /** We give a connection attempt up after this, in milliseconds. Default 3,000. */
  readonly connectMs?: number;
  /** We wait so long for an answer where the caller does not say, in milliseconds. Default: a second more than `statementMs`. */
  readonly answerMs?: number;
  /** How soon a statement of ours ends on the server after its connection did, with its unit. Default: the server's setting. */
  readonly leavesAt?: string;
  /** A server in recovery counts as one that is not there: the address leads to a standby, or to one not promoted yet. */
  readonly writes?: boolean;
};

/** A pool of connections to one database, and everything that is asked through it. */
export type Pg = Io & {
  readonly target: PgTarget;
  readonly pool: pg.Pool;
  readonly sql: SqlLibrary;
  readonly counts: () => PoolCounts;
  /** Runs `use` on a connection of its own. It is thrown away when `use` throws a connection's error, else returned. */
  readonly withClient: <T>(use: (client: pg.PoolClient) => Promise<T>) => Promise<T>;
  /** Throws every connection away, those in use too: what waits on one for an answer fails at once. */
  readonly drop: () => void;
  /** Ends within two seconds, whatever the server does. */
  readonly close: () => Promise<void>;
};

/** read_only_sql_transaction: the connection leads to a server that takes no writes, and another may take its place. */
const READ_ONLY = '25006';

const DECODED = new Set<number>([16, 21, 23, 26, 700, 701]);

// bool, int2, int4, oid, float4 and float8 become values; all else stays text (facts: numeric[] and json lose digits,
// timestamptz loses microseconds, date and timestamp are read in the client's zone).
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    DECODED.has(oid) ? pg.types.getTypeParser(oid, format as 'text') : (value: string) => value,
} as pg.CustomTypesConfig;

/** Opens a pool. Nothing is connected until the first query. */
export function openPg(target: PgTarget, sql: SqlLibrary, options: PgOptions): Pg {
  const {name, max = 2, statementMs = 5000, lockMs = 100, connectMs = 3000} = options;
  const {answerMs = statementMs + 1000, writes = false, leavesAt} = options;
  let major = 0;
  const clients = new Set<pg.Client>();
  const pool = new pg.Pool({
    ...clientConfig(target, name),
    max,
    types,
    connectionTimeoutMillis: connectMs,
    idleTimeoutMillis: 30_000,
    onConnect: async (client: pg.ClientBase) => {
      // The pool's own limit ends with the login: a path that dies right after it would be waited for without end.
      const values = [`${statementMs}ms`, `${lockMs}ms`, '60s'];
      const config = {text: sql.statement('pg/session', 0), values, query_timeout: connectMs} as pg.QueryConfig;
      const {rows} = await client.query(config);
      if (leavesAt !== undefined) await watchClient(client, sql, leavesAt, connectMs);
      if (writes && rows[0].in_recovery) throw Object.assign(new Error('the server is in recovery'), {code: READ_ONLY});
      major = Math.floor(rows[0].version_num / 10_000);
    },
  } as pg.PoolConfig);
  // Without both listeners a backend that is killed takes the process with it.
  pool.on('error', () => {});
  pool.on('connect', client => {
    client.on('error', () => {});
    clients.add(client);
  });
  pool.on('remove', client => clients.delete(client));
  const withClient: Pg['withClient'] = async use => {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      return await use(client);
    } catch (error) {
      const {sqlstate} = failureOf(error);
      if (sqlstate === undefined || sqlstate === READ_ONLY) broken = error as Error;
      throw error;
    } finally {
      client.release(broken);
    }
  };
  return {
    target,
    pool,
    sql,
    withClient,
    pgVersion: () => major,
    query: (statement: string, params: readonly unknown[] = [], options: QueryOptions = {}) =>
      withClient(async client => {
        const {timeoutMs, variant, names = {}, timed} = options;
        const text = withNames(sql.statement(statement, variant ?? major), names);
        // The server's own timeout comes first, so that ours means a dead path and not a slow query.
        const config = {text, values: [...params], types, query_timeout: timeoutMs ?? answerMs};
        const start = performance.now();
        const {rows} = await client.query<Record<string, string | number | boolean | null>>(config);
        timed?.(performance.now() - start);
        return rows as readonly Raw[];
      }),
    counts: () => ({
      inUse: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
      max,
    }),
    drop: () => {
      for (const client of clients) streamOf(client).destroy();
    },
    close: () => Promise.race([pool.end().catch(() => {}), new Promise<void>(done => setTimeout(done, 2000).unref())]),
  };
}

/**
 * Lets a statement of this connection end on the server when its client is gone, looked for `every` so often (with its
 * unit; 0: never). Where the server's system cannot watch a socket it goes on all the same.
 */
export async function watchClient(
  client: pg.ClientBase,
  sql: SqlLibrary,
  every: string,
  answerMs = 10_000,
): Promise<void> {
  const config = {text: sql.statement('actions/client_check', 0), values: [every], query_timeout: answerMs};
  await client.query(config as pg.QueryConfig).catch((error: unknown) => {
    if (failureOf(error).sqlstate === undefined) throw error;
  });
}

// Without a public name: `end` asks the server to end first, and waits for it where nothing is under way.
const streamOf = (client: pg.Client): Socket => (client as unknown as {connection: {stream: Socket}}).connection.stream;

// psql's own form, so that the file can be tried there: psql -v schema=public -f FILE.
const withNames = (text: string, names: Readonly<Record<string, string>>): string =>
  text.replace(/:"(\w+)"/g, (whole, name: string) => {
    const value = names[name];
    return value === undefined ? whole : pg.escapeIdentifier(value);
  });

/** The driver's settings for one connection: for pools here, and for the odd client that needs a session of its own. */
export function clientConfig(target: PgTarget, name: string): pg.ClientConfig {
  return {
    host: target.host,
    port: target.port,
    database: target.database,
    user: target.user,
    password: async () => (await passwordOf(target)) ?? '',
    ssl: sslOf(target),
    application_name: name,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

/** `HOST:PORT/DATABASE`, for the screen and for messages; never a password. */
export const pgName = ({host, port, database}: PgTarget): string => `${sanitise(host)}:${port}/${sanitise(database)}`;

/** Says in one sentence why a database cannot be used, and what to do next. */
export function unusable(target: PgTarget, error: unknown): UserError {
  if (error instanceof UserError) return error;
  const failure = failureOf(error);
  const what =
    failure.why === 'down' || failure.why === 'timeout'
      ? `PostgreSQL at ${pgName(target)} does not answer`
      : `PostgreSQL at ${pgName(target)} refuses user ${sanitise(target.user)}`;
  return new UserError(
    `${what}: ${sanitise(failure.message)}.`,
    failure.next || 'Check host, port, database and user.',
  );
}

const loopback = (host: string): boolean => host.startsWith('/') || /^(localhost|127\.|::1$)/.test(host);

// `prefer` asks for TLS without verifying anywhere but on this machine, where a network cannot be tapped.
function sslOf({ssl, host, rootCert}: PgTarget): pg.ClientConfig['ssl'] {
  if (ssl === 'disable' || (ssl === 'prefer' && loopback(host))) return false;
  const ca = rootCert ? {ca: readFileSync(rootCert, 'utf8')} : {};
  if (ssl === 'verify-full') return {...ca, rejectUnauthorized: true};
  if (ssl === 'verify-ca') return {...ca, rejectUnauthorized: true, checkServerIdentity: () => undefined};
  return {...ca, rejectUnauthorized: rootCert !== undefined, checkServerIdentity: () => undefined};
}

/** The password for a target: its own, else the one in ~/.pgpass, else none. */
export const passwordOf = async (target: PgTarget): Promise<string | undefined> =>
  target.password() ?? (await fromPgpass(target));

// pg 9 drops its own reading of ~/.pgpass, and says so on the screen each time it is used.
function fromPgpass({host, port, database, user}: PgTarget): Promise<string | undefined> {
  pgpass.warnTo(process.env.TRADETOP_DEBUG ? process.stderr : sink());
  return new Promise(resolve => pgpass({host, port, database, user}, (password?: string) => resolve(password)));
}

const sink = (): NodeJS.WritableStream => ({write: () => true}) as unknown as NodeJS.WritableStream;
