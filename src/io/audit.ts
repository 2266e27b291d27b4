import {randomUUID} from 'node:crypto';
import {hostname} from 'node:os';
import type pg from 'pg';
import {failureOf} from '../core/errors.ts';
import type {Queryable} from './locking.ts';
import {osUser} from './os-user.ts';
import {readStatement} from './sql.ts';
import {type Transaction, type TransactionOptions, UnknownOutcomeError, withTransaction} from './transaction.ts';

/** One access to data, as the audit log records it. */
export type DataAccess = {
  /** The person or service, as the caller knows it. */
  readonly userId: string;
  /** The kind of access: `select`, `update`, `export`, … */
  readonly operation: string;
  /** `execution.trades`. */
  readonly table: string;
  /** The exact object: a row's key, an account, a period. */
  readonly target?: string;
  /** The SQL with `$1` for values; it must not contain values. */
  readonly statement?: string;
  /** Rows read or changed. */
  readonly rows?: number;
  /** Duration in milliseconds. */
  readonly ms?: number;
  /** Default `done`. */
  readonly result?: 'done' | 'partial' | 'skipped' | 'cancelled' | 'failed';
  /** Anything else that helps to understand it; stored as json. */
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly correlationId?: string;
  /** The user's machine, if it is not this one. */
  readonly client?: string;
};

/**
 * Records one access to data in `shared.audit_log` and returns the record's id. Given a transaction's client, the record
 * is committed or rolled back with the data; given a pool, it stays whatever becomes of them, since it is written on a
 * connection of its own. The database itself adds the time, the database user, the address and the process, which no
 * caller can set, and lets nobody change or delete a record. Rejects with the driver's errors: an access that cannot be
 * recorded should not happen.
 */
export const auditDataAccess = (client: Queryable, access: DataAccess): Promise<string> =>
  write(client, access, access.result ?? 'done');

/**
 * Runs `use` in a transaction (as `withTransaction` does) and records it on other connections: a record `started` before
 * it begins and another one when it has ended, both with one correlation id. So the record of an act stays when the act
 * is rolled back, and no act goes unrecorded: where the first record cannot be written, `use` does not run and the
 * driver's error comes through. The last record says `done`, `failed`, or `unknown` where the connection was lost during
 * COMMIT; where it cannot be written, the act's own result comes all the same.
 */
export async function withAuditedTransaction<T>(
  pool: Pick<pg.Pool, 'connect' | 'query'>,
  access: Omit<DataAccess, 'result'>,
  options: TransactionOptions,
  use: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const own = {...access, correlationId: access.correlationId ?? randomUUID()};
  const started = await write(pool, own, 'started');
  const begun = performance.now();
  const ended = async (result: string, reason?: string): Promise<void> => {
    const detail = {...access.detail, started, ...(reason === undefined ? {} : {reason})};
    await write(pool, {...own, detail, ms: performance.now() - begun}, result).catch(() => {});
  };
  try {
    const done = await withTransaction(pool, options, use);
    await ended('done');
    return done;
  } catch (error) {
    await ended(error instanceof UnknownOutcomeError ? 'unknown' : 'failed', failureOf(error).message);
    throw error;
  }
}

async function write(client: Queryable, access: DataAccess, result: string): Promise<string> {
  const {userId, operation, table, target, statement, rows, ms, detail, correlationId} = access;
  const found = await client.query(readStatement('audit/record'), [
    userId,
    operation,
    table,
    target,
    statement,
    rows,
    ms,
    result,
    detail === undefined ? undefined : JSON.stringify(detail),
    correlationId,
    osUser(),
    access.client ?? hostname(),
  ]);
  return String((found.rows[0] as {readonly id: unknown}).id);
}
