import pg from 'pg';
import {failureOf, READ_ONLY} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Io, PoolCounts} from './io.ts';
import {inLanes, openLanes} from './lanes.ts';
import {clientConfig, socketOf} from './pg-client.ts';
import {createLogin} from './pg-login.ts';
import {noWritesError, whyNoWrites} from './pg-read-only.ts';
import {
  isPooled,
  loginPid,
  makeSettings,
  type Reading,
  type SessionFacts,
  type SessionSettings,
  sessionSettings,
  setPooled,
} from './pg-session.ts';
import {ask} from './prepared.ts';
import type {SqlLibrary} from './sql.ts';
import type {PgTarget} from './targets.ts';
import {withTransaction} from './transaction.ts';

export type PgOptions = {
  /** Shown in pg_stat_activity: `tradetop watch`, `tradetop sync`. */
  readonly name: string;
  readonly max?: number;
  /**
   * Most connections where the server is far away: each statement then waits for the path, and more of them at a time
   * cost the server nothing. Default: `max`.
   */
  readonly farMax?: number;
  /** statement_timeout in milliseconds; 0: none. Default 5,000. */
  readonly statementMs?: number;
  /** lock_timeout in milliseconds. Default 100: a monitor never queues for a lock. */
  readonly lockMs?: number;
  /** A connection that nobody uses is closed after so long, in milliseconds; 0: never. Default 30,000. */
  readonly idleMs?: number;
  /** Limit of our connection attempts, in milliseconds. Default 3,000. */
  readonly connectMs?: number;
  /** Our own deadline for an answer, in milliseconds, unless the caller sets one. Default: 1,000 more than `statementMs`. */
  readonly answerMs?: number;
  /** How soon the server ends a statement whose connection is gone, with its unit. Default: the server's setting. */
  readonly leavesAt?: string;
  /** They are asked again and again: the server keeps them prepared. */
  readonly repeats?: boolean;
  /** Its statements only read what others wrote. Default: they do more. */
  readonly reads?: Reading;
  /** Further settings of the server's that its statements run with. */
  readonly settings?: SessionSettings;
  /**
   * A server that takes no writes counts as down: it is a standby, or not promoted yet, or a setting makes it read-only.
   */
  readonly writes?: boolean;
};

/** A pool of connections to one database, and the queries through it. */
export type Pg = Io & {
  readonly target: PgTarget;
  readonly pool: pg.Pool;
  readonly sql: SqlLibrary;
  readonly counts: () => PoolCounts;
  /** Process ids of its connections on the server. */
  readonly pids: () => readonly number[];
  /**
   * Runs `use` on one connection, which is destroyed if `use` throws a connection error, else returned to the pool.
   * Behind a pooler `use` runs in one transaction, as each `query` does: only that stays in one process of the server.
   */
  readonly withClient: <T>(use: (client: pg.PoolClient) => Promise<T>) => Promise<T>;
  /** Destroys every connection, those in use too: whatever waits for an answer fails at once. */
  readonly drop: () => void;
  /** Ends within two seconds, even if the server does not answer. */
  readonly close: () => Promise<void>;
};

const MAX = 2;
const STATEMENT_MS = 5000;
const LOCK_MS = 100;
const CONNECT_MS = 3000;
const IDLE_MS = 30_000;
const DECODED = new Set<number>([16, 21, 23, 26, 700, 701]);

// bool, int2, int4, oid, float4 and float8 become values; everything else stays text: the driver's parsers lose digits
// of numeric[] and json and the microseconds of timestamptz, and read date and timestamp in the client's zone.
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    DECODED.has(oid) ? pg.types.getTypeParser(oid, format as 'text') : (value: string) => value,
} as pg.CustomTypesConfig;

/** Opens a pool. Nothing is connected until the first query. */
export function openPg(target: PgTarget, sql: SqlLibrary, options: PgOptions): Pg {
  const {max = MAX, farMax = max, statementMs = STATEMENT_MS} = options;
  const {answerMs = statementMs + 1000} = options;
  let major = 0;
  const clients = new Set<pg.Client>();
  // The shortest recent trip to the server and back, in milliseconds.
  let trip = 0;
  const lanes = openLanes({max, farMax}, () => trip);
  const pool = openPool(target, {...options, max: farMax}, async client => {
    major = await prepare(client, sql, {...options, clockAheadS: target.clockAheadS});
  });
  pool.on('connect', client => {
    clients.add(client);
    lanes.heard();
  });
  pool.on('remove', client => clients.delete(client));
  const withClient = inLanes(borrowing(createLogin(pool), answerMs), lanes);
  return {
    target,
    pool,
    sql,
    withClient,
    pgVersion: () => major,
    query: (
      statement: string,
      params: readonly unknown[] = [],
      {timeoutMs, limitMs, variant, names = {}, timed} = {},
    ) =>
      withClient(async client => {
        const text = sql.statement(statement, variant ?? major, names);
        // The server's statement timeout comes first, so that ours means a dead path and not a slow query.
        const config = {text, values: [...params], types, query_timeout: limitMs?.() ?? timeoutMs ?? answerMs};
        const start = performance.now();
        const {rows} = await ask(client, config, options.repeats);
        const took = performance.now() - start;
        trip = trip === 0 ? took : Math.min(took, trip * 1.02 + 0.01);
        timed?.(took);
        return rows;
      }),
    counts: () => ({
      inUse: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount + lanes.waiting(),
      max: lanes.limit(),
    }),
    pids: () => [...clients].map(loginPid),
    drop: () => {
      for (const client of clients) socketOf(client).destroy();
    },
    close: () => Promise.race([pool.end().catch(() => {}), new Promise<void>(done => setTimeout(done, 2000).unref())]),
  };
}

function openPool(
  target: PgTarget,
  {name, max = MAX, connectMs = CONNECT_MS, idleMs = IDLE_MS}: PgOptions,
  onConnect: (client: pg.ClientBase) => Promise<void>,
): pg.Pool {
  const pool = new pg.Pool({
    ...clientConfig(target, name),
    max,
    types,
    connectionTimeoutMillis: connectMs,
    idleTimeoutMillis: idleMs,
    onConnect,
  } as pg.PoolConfig);
  // Without both listeners a backend that is killed ends this process.
  pool.on('error', () => {});
  pool.on('connect', client => client.on('error', () => {}));
  return pool;
}

/** Sets up a new connection, and says what each transaction on it begins with. Returns the server's major version. */
async function prepare(
  client: pg.ClientBase,
  sql: SqlLibrary,
  options: PgOptions & {readonly clockAheadS: number | undefined},
): Promise<number> {
  const {statementMs = STATEMENT_MS, lockMs = LOCK_MS, connectMs = CONNECT_MS, leavesAt, writes, reads} = options;
  const settings = {
    ...sessionSettings({statementMs, lockMs, clockAheadS: options.clockAheadS, reads}),
    ...options.settings,
  };
  // The pool's own limit covers only the login: on a path that dies right after it we would wait for ever.
  const make = async () => {
    const facts = await makeSettings(client, sql.statement('pg/session'), settings, connectMs);
    if (writes && (facts.inRecovery || facts.readOnly)) await refuseWrites(client, facts, connectMs);
    return facts;
  };
  const {major, pooled} = await make();
  if (pooled) setPooled(client, async () => void (await make()));
  // Behind a pooler our end of the connection is no business of the server's.
  else if (leavesAt !== undefined) await watchClient(client, sql, leavesAt, connectMs);
  return major;
}

// Behind a pooler a further statement might run in another process.
async function refuseWrites(client: pg.ClientBase, {pooled}: SessionFacts, answerMs: number): Promise<void> {
  const unknown = {why: sanitise('it is read-only or in recovery'), remedy: sanitise('tradetop doctor says why')};
  const found = pooled ? unknown : await whyNoWrites(client, answerMs);
  if (found !== undefined) throw noWritesError(found);
}

const borrowing =
  (login: () => Promise<pg.PoolClient>, answerMs: number): Pg['withClient'] =>
  async use => {
    const client = await login();
    // What a lost COMMIT did is as unknown as what a lost statement did: to the caller both are the driver's error.
    if (isPooled(client)) {
      const mode = {attempts: 1, idempotent: true, answerMs};
      return withTransaction({connect: async () => client}, mode, () => use(client));
    }
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

/** The server process behind a connection, and whether it can be used for writing. */
export type Backend = {
  readonly pid: number;
  /** As text with microseconds: together with the pid it identifies the process for ever. */
  readonly backendStart: string;
  readonly database: string;
  /** In recovery: read-only. */
  readonly standby: boolean;
  /** A pooler is in between, which may change the process at any time. */
  readonly pooled: boolean;
};

/** Queries the backend of a connection. Throws the driver's error. */
export async function backendOf(client: pg.ClientBase, sql: SqlLibrary): Promise<Backend> {
  const {rows} = await client.query(sql.statement('pg/backend'));
  const {pid, backend_start: backendStart, database, standby} = rows[0];
  return {pid, backendStart, database, standby, pooled: loginPid(client) !== pid};
}

/**
 * Makes the server check `every` so often (with its unit; 0: never) whether the client of a running statement still
 * exists, and end the statement if not. On systems that cannot check a socket, the statement continues.
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
