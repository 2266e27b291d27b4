import Table from 'cli-table3';
import {type EditSpec, readRows} from '../../actions/edit-rows.ts';
import type {EditOptions} from '../../actions/plan.ts';
import type {Config} from '../../config/config.ts';
import {sanitise} from '../../core/sanitise.ts';
import {isoOf} from '../../core/time.ts';
import type {Raw} from '../../io/io.ts';
import {readOnce} from './read-once.ts';
import {type ActionFlags, runAction} from './run-action.ts';

/** Reads the rows that can be edited. Throws a UserError where they cannot be read. */
export const editable = (config: Config, name: string, spec: Pick<EditSpec, 'read'>): Promise<readonly Raw[]> =>
  readOnce(config, name, pg => readRows(pg, spec));

const TIMES = /_at$/;

// The rows as one JSON document: numbers and JSON values as text, times in ISO 8601.
const rowsJson = (rows: readonly Raw[]): string =>
  JSON.stringify(
    rows.map(row =>
      Object.fromEntries(Object.entries(row).map(([k, v]) => [k, TIMES.test(k) ? (isoOf(v) ?? null) : v])),
    ),
    null,
    2,
  );

export type ListColumn = readonly [head: string, cell: (row: Raw) => unknown];

/** The column that says when and by whom a row was last changed. */
export const CHANGED: ListColumn = [
  'changed',
  row => [isoOf(row.updated_at) ?? '', ...(row.updated_by === null ? [] : [`by ${row.updated_by}`])].join(' ').trim(),
];

// The rows as a table, or `none` where there are none.
function rowsTable(rows: readonly Raw[], columns: readonly ListColumn[], none: string): string {
  if (rows.length === 0) return none;
  const table = new Table({head: columns.map(([head]) => head), style: {head: [], border: []}});
  for (const row of rows) table.push(columns.map(([, cell]) => sanitise(String(cell(row) ?? ''), 200)));
  return table.toString();
}

export type Listing = {
  readonly config: Config;
  /** The application name of the connection: `tradetop config`. */
  readonly name: string;
  readonly spec: Pick<EditSpec, 'read'>;
  /** What is listed beside the rows, or of them. */
  readonly also?: (rows: readonly Raw[]) => readonly Raw[];
  readonly columns: readonly ListColumn[];
  /** The text where there are no rows. */
  readonly none: string;
  readonly json: boolean | undefined;
};

/** Prints the rows that can be edited, as a table or as JSON. Gives the exit code. */
export async function listRows({config, name, spec, also, columns, none, json}: Listing): Promise<number> {
  const found = await editable(config, name, spec);
  const rows = also?.(found) ?? found;
  process.stdout.write(`${json ? rowsJson(rows) : rowsTable(rows, columns, none)}\n`);
  return 0;
}

export type EditRun = Pick<Listing, 'config' | 'name'> & {
  readonly spec: EditSpec;
  readonly keys: readonly string[];
  readonly edit: EditOptions;
  readonly flags: ActionFlags;
};

/** Edits the rows of these keys through the gate, as `runAction` does. */
export const runEdit = ({config, name, spec, keys, edit, flags}: EditRun): Promise<number> =>
  runAction({
    config,
    actionId: spec.id,
    name,
    target: async () => ({kind: 'rows', schema: spec.schema, name: spec.name, keys}),
    options: {edit},
    flags,
  });
