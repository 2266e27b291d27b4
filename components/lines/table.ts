import {dec} from '../../src/core/decimal.ts';
import {parseFilter} from '../../src/core/filter.ts';
import {decimalsOf} from '../../src/core/format.ts';
import type {Micros} from '../../src/core/time.ts';
import type {Style} from './theme.ts';

/** A value in JSON: exact decimals and ISO times are strings, an unknown value is null. */
export type Value = string | number | boolean | null;

/** What the text of a cell depends on besides its row. */
type CellContext = {
  readonly now: Micros;
  /** The decimals that the column needs for all its rows. */
  readonly decimals: number;
};

/** A column. One list of them serves the screen, the order of rows, `snapshot`, JSON and details. */
export type Column<Row> = {
  /** snake_case: the key in JSON, and the name of the order by this column. */
  readonly id: string;
  /** Heading on the screen. */
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Least width in cells; right-aligned columns grow with their numbers. */
  readonly width: number;
  /**
   * Left-aligned columns: the width in cells that the column gets before less important columns are added. Beyond it the
   * column takes room that is left, up to `max`.
   */
  readonly ideal?: number;
  readonly max?: number;
  /** The part of the pane's width (0…1) that the column wants whatever it shows; it takes all room that is left, up to `max`. */
  readonly share?: number;
  /** 0: never left out. Of the others the column with the largest number goes first. */
  readonly priority: number;
  readonly value: (row: Row) => Value;
  readonly text: (row: Row, context: CellContext) => string;
  readonly style?: (row: Row) => Style | undefined;
  /** The exact number. */
  readonly digits?: (row: Row) => string | undefined;
  /** Every row shows the decimals that one of them needs: at least `minDecimals`, at most 8. */
  readonly aligned?: boolean;
  readonly minDecimals?: number;
  /** Left out while no row has anything in it: the room is for the others. */
  readonly sparse?: boolean;
  /** What does not fit is cut at the front: the ends of its texts tell them apart. */
  readonly keepEnd?: boolean;
  /** False: rows cannot be ordered by it. Default: true. */
  readonly sortable?: boolean;
  /** False: right-aligned, but no number, so that it has no past. Default: true. */
  readonly numeric?: boolean;
  /** Its numbers grow with time alone: that they are larger than before says nothing. */
  readonly grows?: boolean;
};

/** The column with empty cells for the rows that have no such figure: there it is not unknown. */
export const emptyWhere = <Row>(isEmpty: (row: Row) => boolean, column: Column<Row>): Column<Row> => ({
  ...column,
  text: (row, context) => (isEmpty(row) ? '' : column.text(row, context)),
});

const MOST_DECIMALS = 8;

/** The decimals of each column that is aligned by them, by column id. */
export function decimalsFor<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const {id, digits, aligned, minDecimals = 0} of columns) {
    if (digits === undefined || aligned !== true) continue;
    let most = minDecimals;
    for (const row of rows) most = Math.max(most, decimalsOf(digits(row) ?? '0'));
    found.set(id, Math.min(most, MOST_DECIMALS));
  }
  return found;
}

/** The rows that have these values in their columns. */
export function rowsWhere<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  where: Readonly<Record<string, Value>>,
): readonly Row[] {
  const wanted = Object.entries(where).map(([id, value]) => [columns.find(c => c.id === id), value] as const);
  return rows.filter(row => wanted.every(([column, value]) => column?.value(row) === value));
}

/** The rows that match a filter: by the words that they show, and by their numbers without units. */
export function filterRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  filter: string,
  now: Micros,
): {readonly rows: readonly Row[]; readonly error?: string} {
  if (filter.trim() === '') return {rows};
  const parsed = parseFilter(filter);
  if (!parsed.ok) return {rows, error: parsed.error};
  const context = {now, decimals: 0};
  const words = (row: Row, column: Column<Row>) =>
    column.align === 'left' ? column.text(row, context) : String(column.value(row) ?? '');
  return {rows: rows.filter(row => parsed.test(columns.map(column => words(row, column)).join(' ')))};
}

/** The rows ordered by a column: numbers from the largest, text from A. Unknown values come last either way. */
export function orderRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sort: string | undefined,
  reverse: boolean,
): readonly Row[] {
  const column = columns.find(c => c.id === sort);
  if (column === undefined) return reverse ? rows.toReversed() : rows;
  const exact = column.digits !== undefined;
  const sign = reverse ? -1 : 1;
  return rows
    .map(row => [row, column.value(row)] as const)
    .sort(([, a], [, b]) => {
      if (a === null || b === null) return Number(a === null) - Number(b === null);
      return sign * (exact ? byDigits(String(b), String(a)) : byValue(a, b));
    })
    .map(([row]) => row);
}

function byValue(a: string | number | boolean, b: string | number | boolean): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  return Number(b) - Number(a);
}

// Doubles decide, except where they are too close to each other.
function byDigits(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  return Math.abs(x - y) > Math.abs(x) * 1e-12 ? x - y : dec(a).cmp(dec(b));
}
