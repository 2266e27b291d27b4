import {hostname} from 'node:os';
import type {Queryable} from './locking.ts';
import {osUser} from './os-user.ts';
import {readStatement} from './sql.ts';

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
 * Records one access to data in `shared.audit_log` and returns the record's id. Inside a transaction the record is
 * committed or rolled back with the data; to record a failure, use a connection outside of it. The database itself adds
 * the time, the database user, the address and the process, which no caller can set, and lets nobody change or delete a
 * record. Rejects with the driver's errors: an access that cannot be recorded should not happen.
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
