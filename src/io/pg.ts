import type {Socket} from 'node:net';
import pg from 'pg';
import {failureOf} from '../core/errors.ts';
import type {Io, PoolCounts, Raw} from '../core/types.ts';
import {clientConfig} from './pg-client.ts';
import type {SqlLibrary} from './sql.ts';
import type {PgTarget} from './targets.ts';
import {READ_ONLY} from './transaction.ts';

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

const MAX = 2;
const STATEMENT_MS = 5000;
const LOCK_MS = 100;
const CONNECT_MS = 3000;

const DECODED = new Set<number>([16, 21, 23, 26, 700, 701]);

// bool, int2, int4, oid, float4 and float8 become values; all else stays text (facts: numeric[] and json lose digits,
// timestamptz loses microseconds, date and timestamp are read in the client's zone).
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    DECODED.has(oid) ? pg.types.getTypeParser(oid, format as 'text') : (value: string) => value,
} as pg.CustomTypesConfig;

/** Opens a pool. Nothing is connected until the first query. */
export function openPg(target: PgTarget, sql: SqlLibrary, options: PgOptions): Pg {
  const {max = MAX, statementMs = STATEMENT_MS} = options;
  const {answerMs = statementMs + 1000} = options;
  let major = 0;
  const clients = new Set<pg.Client>();
  const pool = openPool(target, options, async client => {
    major = await prepare(client, sql, options);
  });
  pool.on('connect', client => clients.add(client));
  pool.on('remove', client => clients.delete(client));
  const withClient = borrowing(pool);
  return {
    target,
    pool,
    sql,
    withClient,
    pgVersion: () => major,
    query: (statement: string, params: readonly unknown[] = [], {timeoutMs, variant, names = {}, timed} = {}) =>
      withClient(async client => {
        const text = sql.statement(statement, variant ?? major, names);
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

function openPool(
  target: PgTarget,
  {name, max = MAX, connectMs = CONNECT_MS}: PgOptions,
  onConnect: (client: pg.ClientBase) => Promise<void>,
): pg.Pool {
  const pool = new pg.Pool({
    ...clientConfig(target, name),
    max,
    types,
    connectionTimeoutMillis: connectMs,
    idleTimeoutMillis: 30_000,
    onConnect,
  } as pg.PoolConfig);
  // Without both listeners a backend that is killed ends this process.
  pool.on('error', () => {});
  pool.on('connect', client => client.on('error', () => {}));
  return pool;
}

/** Sets a new connection up. Gives the server's major version. */
async function prepare(client: pg.ClientBase, sql: SqlLibrary, options: PgOptions): Promise<number> {
  const {statementMs = STATEMENT_MS, lockMs = LOCK_MS, connectMs = CONNECT_MS, leavesAt, writes} = options;
  const values = [`${statementMs}ms`, `${lockMs}ms`, '60s'];
  // The pool's own limit ends with the login: on a path that dies right after it we would wait for ever.
  const config = {text: sql.statement('pg/session'), values, query_timeout: connectMs} as pg.QueryConfig;
  const {rows} = await client.query(config);
  if (leavesAt !== undefined) await watchClient(client, sql, leavesAt, connectMs);
  if (writes && rows[0].in_recovery) throw Object.assign(new Error('the server is in recovery'), {code: READ_ONLY});
  return Math.floor(rows[0].version_num / 10_000);
}

const borrowing =
  (pool: pg.Pool): Pg['withClient'] =>
  async use => {
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

/** The server's process behind a connection, and whether anything can be done through it. */
export type Backend = {
  readonly pid: number;
  /** As text, with microseconds: with the pid it names the process for good. */
  readonly backendStart: string;
  readonly database: string;
  /** In recovery: it can only be read. */
  readonly standby: boolean;
  /** A pooler stands between, which may change the process meanwhile. */
  readonly pooled: boolean;
};

/** Asks which backend serves this connection. Throws the driver's error. */
export async function backendOf(client: pg.ClientBase, sql: SqlLibrary): Promise<Backend> {
  const {rows} = await client.query(sql.statement('pg/backend'));
  const {pid, backend_start: backendStart, database, standby} = rows[0];
  // The driver knows the pid of whom it speaks to; a pooler gives one of its own.
  const {processID} = client as unknown as {readonly processID: number};
  return {pid, backendStart, database, standby, pooled: processID !== pid};
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
  const config = {text: sql.statement('pg/client_check'), values: [every], query_timeout: answerMs};
  await client.query(config as pg.QueryConfig).catch((error: unknown) => {
    if (failureOf(error).sqlstate === undefined) throw error;
  });
}

// Without a public name: `end` asks the server to end first, and waits for it where nothing is under way.
const streamOf = (client: pg.Client): Socket => (client as unknown as {connection: {stream: Socket}}).connection.stream;
