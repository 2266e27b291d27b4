import Table from 'cli-table3';
import type {EditOptions} from '../../actions/action.ts';
import {type Editing, readRows} from '../../actions/edit-rows.ts';
import * as edits from '../../actions/edits.ts';
import type {Config} from '../../config/config.ts';
import {failureOf, UserError} from '../../core/errors.ts';
import {sanitise} from '../../core/sanitise.ts';
import {isoOf} from '../../core/time.ts';
import type {Raw} from '../../io/io.ts';
import {openPg, pgName, unusable} from '../../io/pg.ts';
import {loadSql} from '../../io/sql.ts';
import {type ActionFlags, runAction} from './run-action.ts';

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

// The rows as one JSON document: digits and JSON values as text, times in ISO 8601.
const rowsJson = (rows: readonly Raw[]): string =>
  JSON.stringify(
    rows.map(row =>
      Object.fromEntries(Object.entries(row).map(([k, v]) => [k, TIMES.test(k) ? (isoOf(v) ?? null) : v])),
    ),
    null,
    2,
  );

export type ListColumn = readonly [head: string, cell: (row: Raw) => unknown];

/** When a row was changed last, and by whom. */
export const CHANGED: ListColumn = [
  'changed',
  row => [isoOf(row.updated_at) ?? '', ...(row.updated_by === null ? [] : [`by ${row.updated_by}`])].join(' '),
];

// The rows for people; `none` where there are none.
function rowsTable(rows: readonly Raw[], columns: readonly ListColumn[], none: string): string {
  if (rows.length === 0) return none;
  const table = new Table({head: columns.map(([head]) => head), style: {head: [], border: []}});
  for (const row of rows) table.push(columns.map(([, cell]) => sanitise(String(cell(row) ?? ''), 200)));
  return table.toString();
}

export type Listing = {
  readonly config: Config;
  /** How the connection is named on the server: `tradetop config`. */
  readonly name: string;
  readonly editing: Editing;
  readonly columns: readonly ListColumn[];
  /** What is said where there is no row. */
  readonly none: string;
  readonly json: boolean | undefined;
};

/** Prints the rows that can be edited, for people or as JSON. Gives the exit code. */
export async function listRows({config, name, editing, columns, none, json}: Listing): Promise<number> {
  const rows = await editable(config, name, editing);
  process.stdout.write(`${json ? rowsJson(rows) : rowsTable(rows, columns, none)}\n`);
  return 0;
}

export type EditRun = Pick<Listing, 'config' | 'name' | 'editing'> & {
  readonly keys: readonly string[];
  readonly edit: EditOptions;
  readonly flags: ActionFlags;
};

/** Edits the rows of some keys through the gate, as `runAction` does. */
export const runEdit = ({config, name, editing, keys, edit, flags}: EditRun): Promise<number> =>
  runAction({
    config,
    actions: Object.values(edits),
    actionId: editing.id,
    name,
    target: async () => ({kind: 'rows', schema: editing.schema, name: editing.name, keys}),
    options: {edit},
    flags,
  });
