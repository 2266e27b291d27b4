import {setTimeout as delay} from 'node:timers/promises';
import type pg from 'pg';
import {failureOf, READ_ONLY} from '../core/errors.ts';
import {beginPooled} from './pg-session.ts';

/** What a transaction is begun and ended with. */
type TransactionMode = {
  /** Default: read committed. */
  readonly isolation?: keyof typeof BEGIN;
  /** The server refuses every write. */
  readonly readOnly?: boolean;
  /** False: rolls back in any case, as a dry run does. Default true. */
  readonly commit?: boolean;
  /**
   * Running `use` twice comes to the same rows. A lost COMMIT is then an ordinary failure: the driver's error comes
   * through instead of an UnknownOutcomeError. Default false.
   */
  readonly idempotent?: boolean;
  /** Our own deadline for the answers to BEGIN and COMMIT, in milliseconds. Default: none. */
  readonly answerMs?: number;
};

export type TransactionOptions = TransactionMode & {
  /** Number of tries when the server aborts it in favour of another one (40001, 40P01). Default 5. */
  readonly attempts?: number;
  /** Called before each further try. */
  readonly onRetry?: (error: unknown, attempt: number) => void;
};

/** A transaction that is open. */
export type Transaction = {
  readonly client: pg.ClientBase;
  readonly query: pg.ClientBase['query'];
  /** Runs `use` so that its failure undoes only its own statements; the error comes through. May be nested. */
  readonly savepoint: <T>(use: () => Promise<T>) => Promise<T>;
};

/** The connection broke while COMMIT was on its way: the server may have committed, or may yet. */
export class UnknownOutcomeError extends Error {
  constructor(cause: unknown) {
    super('the connection was lost during COMMIT: whether it took effect is not known', {cause});
    this.name = 'UnknownOutcomeError';
  }
}

/** A statement failed, `use` resolved all the same, and the server rolled everything back at COMMIT. */
export class RolledBackError extends Error {
  constructor() {
    super('the transaction was rolled back: one of its statements had failed');
    this.name = 'RolledBackError';
  }
}

const BEGIN = {
  'read committed': 'BEGIN ISOLATION LEVEL READ COMMITTED',
  'repeatable read': 'BEGIN ISOLATION LEVEL REPEATABLE READ',
  serializable: 'BEGIN ISOLATION LEVEL SERIALIZABLE',
} as const;

/** The statement that begins such a transaction. */
export const beginStatement = ({isolation = 'read committed', readOnly = false}: TransactionMode = {}): string =>
  `${BEGIN[isolation]}${readOnly ? ' READ ONLY' : ''}`;

/** The statement that ends one, for showing it beforehand. */
export const COMMIT = 'COMMIT';

const ATTEMPTS = 5;
const ABORTED = new Set(['40001', '40P01']);

/** Whether the server aborted the transaction in favour of another, so that the same work can be tried again. */
export const isAborted = (error: unknown): boolean => ABORTED.has(failureOf(error).sqlstate ?? '');

const ROLLBACK_MS = 5000;

/**
 * Runs `use` in a transaction on a client of `pool`: COMMIT when it resolves, ROLLBACK when it throws. A transaction
 * that the server aborts in favour of another is tried again from the beginning, so `use` may run more than once. The
 * client always goes back to the pool; it is destroyed when the connection, or the ROLLBACK, failed. A COMMIT that the
 * connection did not survive is an UnknownOutcomeError and is never repeated.
 */
export async function withTransaction<T>(
  pool: Pick<pg.Pool, 'connect'>,
  options: TransactionOptions,
  use: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const {attempts = ATTEMPTS, onRetry} = options;
  for (let attempt = 1; ; attempt++) {
    const client = await pool.connect();
    const ended = await attemptOn(client, options, use);
    client.release(ended.broken);
    if (ended.ok) return ended.result;
    if (attempt >= attempts || !isAborted(ended.error)) throw ended.error;
    onRetry?.(ended.error, attempt + 1);
    await delay(Math.random() * Math.min(20 * 2 ** attempt, 1000));
  }
}

/** The same, once, on a client that is connected already and stays the caller's. */
export async function runTransaction<T>(
  client: pg.ClientBase,
  mode: TransactionMode,
  use: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const ended = await attemptOn(client, mode, use);
  if (ended.ok) return ended.result;
  throw ended.error;
}

/** `broken`: the error that makes the client unfit for others. */
type Ended<T> = {readonly broken: Error | undefined} & (
  | {readonly ok: true; readonly result: T}
  | {readonly ok: false; readonly error: unknown}
);

async function attemptOn<T>(
  client: pg.ClientBase,
  mode: TransactionMode,
  use: (tx: Transaction) => Promise<T>,
): Promise<Ended<T>> {
  // A backend that is killed between two statements is reported here; without a listener it ends the process.
  const ignore = (): void => {};
  client.on('error', ignore);
  try {
    await send(client, beginStatement(mode), mode.answerMs);
    await beginPooled(client);
    const result = await use({client, query: client.query.bind(client), savepoint: savepoints(client)});
    if (mode.commit === false) return {ok: true, result, broken: await rollBack(client)};
    await commit(client, mode);
    return {ok: true, result, broken: undefined};
  } catch (error) {
    return {ok: false, error, broken: isUnfit(error, mode) ? (error as Error) : await rollBack(client, error)};
  } finally {
    client.off('error', ignore);
  }
}

// Without a limit it is a plain text, which a client that notes its statements can show.
const send = (client: pg.ClientBase, text: string, answerMs?: number): Promise<pg.QueryResult> =>
  answerMs === undefined ? client.query(text) : client.query({text, query_timeout: answerMs} as pg.QueryConfig);

async function commit(client: pg.ClientBase, {idempotent = false, answerMs}: TransactionMode): Promise<void> {
  const {command} = await send(client, COMMIT, answerMs).catch(error => {
    const {sqlstate} = failureOf(error);
    const lost = sqlstate === undefined || /^(?:08|57P)/.test(sqlstate);
    throw lost && !idempotent ? new UnknownOutcomeError(error) : error;
  });
  if (command !== COMMIT) throw new RolledBackError();
}

// What missed its deadline may still be answered, and a server that takes no writes may have been replaced meanwhile:
// such a connection is not used again.
function isUnfit(error: unknown, {readOnly = false}: TransactionMode): boolean {
  const {why, sqlstate} = failureOf(error);
  if (error instanceof UnknownOutcomeError || (sqlstate === READ_ONLY && !readOnly)) return true;
  return sqlstate === undefined && (why === 'timeout' || why === 'down');
}

/** Returns the error that makes the client unfit for others. */
async function rollBack(client: pg.ClientBase, after?: unknown): Promise<Error | undefined> {
  if (after instanceof RolledBackError) return undefined;
  try {
    await send(client, 'ROLLBACK', ROLLBACK_MS);
    return undefined;
  } catch (failed) {
    return failed as Error;
  }
}

function savepoints(client: pg.ClientBase): Transaction['savepoint'] {
  let made = 0;
  return async use => {
    const name = `tradetop_${++made}`;
    await client.query(`SAVEPOINT ${name}`);
    try {
      const result = await use();
      await client.query(`RELEASE SAVEPOINT ${name}`);
      return result;
    } catch (error) {
      if (failureOf(error).why !== 'down') await client.query(`ROLLBACK TO SAVEPOINT ${name}`);
      throw error;
    }
  };
}
