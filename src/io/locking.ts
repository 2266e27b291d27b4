import {readStatement} from './sql.ts';

/** What can run a statement: a client, also one inside a transaction, or a pool for a single update. */
export type Queryable = {
  readonly query: (text: string, values: unknown[]) => Promise<{readonly rows: readonly unknown[]}>;
};

/** A row as the client's type parsers return it. */
export type VersionedRow = Readonly<Record<string, unknown>>;

export type VersionedUpdate = {
  /** Schema and table as the catalogue has them, unquoted: `execution.positions`. */
  readonly table: string;
  /** The row's key; its column is `idColumn`. */
  readonly id: string | number;
  /** Default `id`. */
  readonly idColumn?: string;
  /** The version that was read with the values that this change is based on. */
  readonly version: number;
  /**
   * New values by column. Money and quantities as strings; an array becomes a PostgreSQL array, any other object json.
   */
  readonly set: Readonly<Record<string, unknown>>;
  /**
   * The column for the time of the last change, set to the transaction's time; null: there is none. Default
   * `updated_at`.
   */
  readonly touched?: string | null;
};

/** The row was changed or deleted after it was read. Nothing was written. */
export class OptimisticLockError extends Error {
  readonly table: string;
  readonly id: string | number;
  /** The version that the editor had read. */
  readonly version: number;
  /** The row's present state; undefined: it was deleted, or row-level security hides it. */
  readonly now: VersionedRow | undefined;

  constructor({table, id, version}: Pick<VersionedUpdate, 'table' | 'id' | 'version'>, now: VersionedRow | undefined) {
    super(
      now === undefined
        ? `${table} ${id} does not exist any more: it was read at version ${version}`
        : `${table} ${id} was changed meanwhile: read at version ${version}, now at version ${now.version}`,
    );
    this.name = 'OptimisticLockError';
    this.table = table;
    this.id = id;
    this.version = version;
    this.now = now;
  }
}

/**
 * Optimistic locking: writes `set` and increments `version` if the row still has the version that was read. Returns the
 * new row. Throws an OptimisticLockError with the row's present state when another editor was first; the caller decides
 * whether to start again from there. The transaction, if there is one, stays usable. Under REPEATABLE READ and
 * SERIALIZABLE a concurrent change is PostgreSQL's own 40001 instead, which `withTransaction` repeats. Rejects with the
 * driver's errors (constraints, rights); throws a TypeError for a wrong call.
 */
export async function updateWithVersion(client: Queryable, update: VersionedUpdate): Promise<VersionedRow> {
  const {table, id, version, set, idColumn = 'id', touched = 'updated_at'} = update;
  const columns = Object.keys(set);
  refuse(set, columns, [idColumn, 'version', touched]);
  const values = [id, version, ...columns.map(column => set[column])];
  const {rows} = await client.query(updateStatement(update), values);
  if (rows[0] !== undefined) return rows[0] as VersionedRow;
  const found = await client.query(readStatement('locking/row_now', {...tableNames(table), id: idColumn}), [id]);
  throw new OptimisticLockError(update, found.rows[0] as VersionedRow | undefined);
}

type Shape = Pick<VersionedUpdate, 'table' | 'idColumn' | 'set' | 'touched'>;

/**
 * The statement of such an update, for showing it beforehand. $1 is the id, $2 the version that was read, $3… the
 * values.
 */
export const updateStatement = ({table, idColumn = 'id', set, touched = 'updated_at'}: Shape): string =>
  readStatement('locking/update_with_version', {
    ...tableNames(table),
    id: idColumn,
    column: Object.keys(set),
    touched: touched === null ? [] : touched,
  });

function tableNames(table: string): {readonly schema: string; readonly table: string} {
  const dot = table.indexOf('.');
  if (dot < 1) throw new TypeError(`updateWithVersion: ${table} is not SCHEMA.TABLE`);
  return {schema: table.slice(0, dot), table: table.slice(dot + 1)};
}

function refuse(set: VersionedUpdate['set'], columns: readonly string[], kept: readonly (string | null)[]): void {
  if (columns.length === 0) throw new TypeError('updateWithVersion: nothing to set');
  const own = columns.find(column => kept.includes(column));
  if (own !== undefined) throw new TypeError(`updateWithVersion: the caller must not set ${own}`);
  const missing = columns.find(column => set[column] === undefined);
  if (missing !== undefined) throw new TypeError(`updateWithVersion: ${missing} is undefined; null empties a column`);
}
