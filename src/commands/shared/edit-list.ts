import Table from 'cli-table3';
import {type EditSpec, readRows} from '../../actions/edit-rows.ts';
import type {EditOptions} from '../../actions/plan.ts';
import type {Config} from '../../config/config.ts';
import {sanitise} from '../../core/sanitise.ts';
import {isoOf} from '../../core/time.ts';
import {cells, wrap} from '../../core/width.ts';
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

/** The rows as a table that fits a terminal of `width` cells, or `none` where there are none. @internal */
export function rowsTable(
  rows: readonly Raw[],
  columns: readonly ListColumn[],
  none: string,
  width = Number.POSITIVE_INFINITY,
): string {
  if (rows.length === 0) return none;
  const head = columns.map(([name]) => name);
  const texts = rows.map(row => columns.map(([, cell]) => sanitise(String(cell(row) ?? ''), 200)));
  const widest = (lines: (text: string) => readonly string[]): readonly number[] =>
    head.map((name, i) => Math.max(...[name, ...texts.map(row => row[i] ?? '')].flatMap(lines).map(cells)));
  const widths = fitted(
    widest(text => [text]),
    widest(text => text.split(' ')),
    width,
  );
  const table = new Table({head, style: {head: [], border: []}});
  table.push(...texts.map(row => row.map((text, i) => wrap(text, widths[i] ?? 1).join('\n'))));
  return table.toString();
}

/**
 * Widths of columns that fit a terminal of so many cells, with their borders: the widest give way, down to their longest
 * words, and where that is not enough within words.
 */
function fitted(natural: readonly number[], words: readonly number[], columns: number): readonly number[] {
  const widths = [...natural];
  const shrink = (least: (i: number) => number): void => {
    while (widths.reduce((sum, width) => sum + width + 3, 1) > columns) {
      const can = Math.max(...widths.filter((width, i) => width > least(i)));
      if (can < 0) return;
      widths[widths.findIndex((width, i) => width === can && width > least(i))] = can - 1;
    }
  };
  shrink(i => words[i] ?? 1);
  shrink(() => 10);
  return widths;
}

export type Listing = {
  readonly config: Config;
  /** The application name of the connection: `tradetop config`. */
  readonly name: string;
  readonly spec: Pick<EditSpec, 'read'>;
  readonly columns: readonly ListColumn[];
  /** The text where there are no rows. */
  readonly none: string;
  readonly json: boolean | undefined;
};

/** Prints the rows that can be edited, as a table or as JSON. Gives the exit code. */
export async function listRows({config, name, spec, ...shown}: Listing): Promise<number> {
  printRows(await editable(config, name, spec), shown);
  return 0;
}

/** Prints rows, as a table or as JSON. */
export function printRows(
  rows: readonly Raw[],
  {columns, none, json}: Pick<Listing, 'columns' | 'none' | 'json'>,
): void {
  process.stdout.write(`${json ? rowsJson(rows) : rowsTable(rows, columns, none, process.stdout.columns)}\n`);
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
