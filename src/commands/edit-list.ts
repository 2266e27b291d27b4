import Table from 'cli-table3';
import {type Editing, readRows} from '../actions/edit-rows.ts';
import type {Config} from '../config.ts';
import {failureOf, UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoMicros, parseMicros} from '../core/time.ts';
import type {Raw} from '../core/types.ts';
import {openPg, pgName, unusable} from '../io/pg.ts';
import {loadSql} from '../io/sql.ts';

/** The rows that can be edited, as they are now. Throws a UserError where they cannot be read. */
export async function editable(config: Config, name: string, editing: Editing): Promise<readonly Raw[]> {
  const pg = openPg(config.trading, loadSql(), {name, max: 1});
  try {
    return await readRows(pg, editing);
  } catch (error) {
    const {message, next, sqlstate, why} = failureOf(error);
    if (sqlstate === undefined && why === 'bug') throw error;
    if (sqlstate === undefined || /^(?:08|28|57)/.test(sqlstate)) throw unusable(config.trading, error);
    throw new UserError(`${pgName(config.trading)}: ${sanitise(message)}.`, next);
  } finally {
    await pg.close();
  }
}

const TIMES = /_at$/;

/** The rows as one JSON document: digits and JSON values as text, times in ISO 8601. */
export const rowsJson = (rows: readonly Raw[]): string =>
  JSON.stringify(
    rows.map(row => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, TIMES.test(k) ? iso(v) : v]))),
    null,
    2,
  );

const iso = (value: Raw[string] | undefined): string | null => {
  const at = typeof value === 'string' ? parseMicros(value) : undefined;
  return at === undefined ? null : isoMicros(at);
};

export type Column = readonly [head: string, cell: (row: Raw) => unknown];

/** When a row was changed last, and by whom. */
export const CHANGED: Column = [
  'changed',
  row => [iso(row.updated_at) ?? '', ...(row.updated_by === null ? [] : [`by ${row.updated_by}`])].join(' '),
];

/** The rows for people; `none` where there are none. */
export function rowsTable(rows: readonly Raw[], columns: readonly Column[], none: string): string {
  if (rows.length === 0) return none;
  const table = new Table({head: columns.map(([head]) => head), style: {head: [], border: []}});
  for (const row of rows) table.push(columns.map(([, cell]) => sanitise(String(cell(row) ?? ''), 200)));
  return table.toString();
}
