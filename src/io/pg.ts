import {readFileSync} from 'node:fs';
import pg from 'pg';
import pgpass from 'pgpass';
import type {PgTarget} from '../config.ts';
import {failureOf, UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Io, PoolCounts, QueryOptions, Raw} from '../core/types.ts';
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
};

/** A pool of connections to one database, and everything that is asked through it. */
export type Pg = Io & {
  readonly target: PgTarget;
  readonly pool: pg.Pool;
  readonly sql: SqlLibrary;
  readonly counts: () => PoolCounts;
  /** Runs `use` on a connection of its own. It is thrown away when `use` throws a connection's error, else returned. */
  readonly withClient: <T>(use: (client: pg.PoolClient) => Promise<T>) => Promise<T>;
  /** Ends within two seconds, whatever the server does. */
  readonly close: () => Promise<void>;
};

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
  let major = 0;
  const pool = new pg.Pool({
    ...clientConfig(target, name),
    max,
    types,
    connectionTimeoutMillis: connectMs,
    idleTimeoutMillis: 30_000,
    onConnect: async (client: pg.ClientBase) => {
      // The pool's own limit ends with the login: a path that dies right after it would be waited for without end.
      const values = [`${statementMs}ms`, `${lockMs}ms`, '60s'];
      const config = {text: sql.statement('session', 0), values, query_timeout: connectMs};
      const {rows} = await client.query(config as pg.QueryConfig);
      major = Math.floor(rows[0].version_num / 10_000);
    },
  } as pg.PoolConfig);
  // Without both listeners a backend that is killed takes the process with it.
  pool.on('error', () => {});
  pool.on('connect', client => client.on('error', () => {}));
  const withClient: Pg['withClient'] = async use => {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      return await use(client);
    } catch (error) {
      if (failureOf(error).sqlstate === undefined) broken = error as Error;
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
        const config = {text, values: [...params], types, query_timeout: timeoutMs ?? statementMs + 1000};
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
    close: () => Promise.race([pool.end().catch(() => {}), new Promise<void>(done => setTimeout(done, 2000).unref())]),
  };
}

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
