import {hostname} from 'node:os';
import type {Queryable} from './locking.ts';
import {osUser} from './os-user.ts';
import {readStatement} from './sql.ts';

/** One access to data, as the audit log keeps it. */
export type DataAccess = {
  /** The person or service, as the caller knows it. */
  readonly userId: string;
  /** What was done: `select`, `update`, `export`, … */
  readonly operation: string;
  /** `execution.trades`. */
  readonly table: string;
  /** What exactly: a row's key, an account, a span of time. */
  readonly target?: string;
  /** The SQL, with `$1` for values: values must not be in here. */
  readonly statement?: string;
  /** Rows read or changed. */
  readonly rows?: number;
  /** How long it took, in milliseconds. */
  readonly ms?: number;
  /** Default `done`. */
  readonly result?: 'done' | 'partial' | 'skipped' | 'cancelled' | 'failed';
  /** Whatever else helps to understand it; stored as json. */
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly correlationId?: string;
  /** Where the user sits, when that is not this machine. */
  readonly client?: string;
};

/**
 * Records one access to data in `shared.audit_log`, and gives the record's id. On a client inside a transaction the
 * record stands or falls with the data: what was rolled back was not accessed. To record a failure, use a connection
 * outside of it. The database itself adds the time, the database user, the address and the process, which no caller can
 * set, and lets nobody change or remove a record. Errors of the database come through: an access that cannot be
 * recorded should not happen.
 */
export async function auditDataAccess(client: Queryable, access: DataAccess): Promise<string> {
  const {userId, operation, table, target, statement, rows, ms, result = 'done', detail, correlationId} = access;
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
