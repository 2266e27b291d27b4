import {setTimeout as delay} from 'node:timers/promises';
import type pg from 'pg';
import {failureOf} from '../core/errors.ts';

export type TransactionOptions = {
  /** Default: read committed. */
  readonly isolation?: keyof typeof BEGIN;
  /** The server refuses every write. */
  readonly readOnly?: boolean;
  /** How often it is tried in all where the server gives it up for another's sake (40001, 40P01). Default 5. */
  readonly attempts?: number;
  /** Called before each further try. */
  readonly onRetry?: (error: unknown, attempt: number) => void;
};

/** A transaction that is open. */
export type Transaction = {
  readonly client: pg.PoolClient;
  readonly query: pg.PoolClient['query'];
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

/** A statement failed, the function went on all the same, and the server rolled everything back at COMMIT. */
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
export const beginStatement = ({isolation = 'read committed', readOnly = false}: TransactionOptions = {}): string =>
  `${BEGIN[isolation]}${readOnly ? ' READ ONLY' : ''}`;

const ATTEMPTS = 5;
const GIVEN_UP = new Set(['40001', '40P01']);
const ROLLBACK_MS = 5000;

/**
 * Runs `use` in a transaction on a client of `pool`: COMMIT when it resolves, ROLLBACK when it throws. What the server
 * gives up for another transaction's sake is tried again from the beginning, so that `use` may run more than once. The
 * client always goes back to the pool; it is destroyed where the connection, or the ROLLBACK, failed. A COMMIT that the
 * connection did not survive is an UnknownOutcomeError and is never repeated.
 */
export async function withTransaction<T>(
  pool: Pick<pg.Pool, 'connect'>,
  options: TransactionOptions,
  use: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const {attempts = ATTEMPTS, onRetry} = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(pool, options, use);
    } catch (error) {
      if (attempt >= attempts || !GIVEN_UP.has(failureOf(error).sqlstate ?? '')) throw error;
      onRetry?.(error, attempt + 1);
      await delay(Math.random() * Math.min(20 * 2 ** attempt, 1000));
    }
  }
}

async function once<T>(
  pool: Pick<pg.Pool, 'connect'>,
  options: TransactionOptions,
  use: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  // A backend that is killed between two statements tells it here; without a listener it ends the process.
  const ignore = (): void => {};
  client.on('error', ignore);
  let broken: Error | undefined;
  try {
    await client.query(beginStatement(options));
    const result = await use({client, query: client.query.bind(client), savepoint: savepoints(client)});
    await commit(client);
    return result;
  } catch (error) {
    broken = await rollBack(client, error);
    throw error;
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
}

async function commit(client: pg.PoolClient): Promise<void> {
  const {command} = await client.query('COMMIT').catch(error => {
    throw failureOf(error).sqlstate === undefined || /^(?:08|57P)/.test(failureOf(error).sqlstate ?? '')
      ? new UnknownOutcomeError(error)
      : error;
  });
  if (command !== 'COMMIT') throw new RolledBackError();
}

// Gives the error that makes the client unfit for others. One that missed its deadline still has an answer coming.
async function rollBack(client: pg.PoolClient, error: unknown): Promise<Error | undefined> {
  if (error instanceof RolledBackError) return undefined;
  const {why, sqlstate} = failureOf(error);
  if (error instanceof UnknownOutcomeError || (sqlstate === undefined && (why === 'timeout' || why === 'down'))) {
    return error as Error;
  }
  try {
    await client.query({text: 'ROLLBACK', query_timeout: ROLLBACK_MS} as pg.QueryConfig);
    return undefined;
  } catch (failed) {
    return failed as Error;
  }
}

function savepoints(client: pg.PoolClient): Transaction['savepoint'] {
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
