import {dec} from '../src/core/decimal.ts';
import {parseFilter} from '../src/core/filter.ts';
import {decimalsOf} from '../src/core/format.ts';
import type {Micros} from '../src/core/time.ts';
import {cells} from '../src/core/width.ts';
import type {Style} from './theme.ts';

/** What a row's column is in JSON: digits and ISO times are strings, nothing known is null. */
export type Value = string | number | boolean | null;

/** What a cell's text depends on beside its row. */
export type CellContext = {
  readonly now: Micros;
  /** Decimals that the column needs for all its rows. */
  readonly decimals: number;
};

/** One list of columns serves the screen, the order, `snapshot` and JSON. */
export type Column<Row> = {
  /** snake_case: its key in JSON, and what the rows are ordered by. */
  readonly id: string;
  /** Heading on the screen. */
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Least cells; right-aligned columns grow with what they show. */
  readonly width: number;
  /** Cells that it wants before less important columns are added; beyond them it takes what is left over, up to `max`. */
  readonly ideal?: number;
  readonly max?: number;
  /** The part of the pane's width that it wants, where that is more than `ideal`. */
  readonly share?: number;
  /** 0: always there; where there is no room the largest numbers go first. */
  readonly priority: number;
  readonly value: (row: Row) => Value;
  readonly text: (row: Row, context: CellContext) => string;
  readonly style?: (row: Row) => Style | undefined;
  /** The number whose decimals the column is aligned by; at least `minDecimals`, at most 8. */
  readonly digits?: (row: Row) => string | undefined;
  readonly minDecimals?: number;
  /** False: nobody orders by it. */
  readonly sortable?: boolean;
};

export type Fitted<Row> = {readonly column: Column<Row>; readonly width: number};

const MOST_DECIMALS = 8;

/** Decimals for each column that is aligned by them. */
export function decimalsFor<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const {id, digits, minDecimals = 0} of columns) {
    if (digits === undefined) continue;
    let most = minDecimals;
    for (const row of rows) most = Math.max(most, decimalsOf(digits(row) ?? '0'));
    found.set(id, Math.min(most, MOST_DECIMALS));
  }
  return found;
}

/** The rows that a filter lets through: by the words that they show, and by their numbers without units. */
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
  const said = (row: Row, column: Column<Row>) =>
    column.align === 'left' ? column.text(row, context) : String(column.value(row) ?? '');
  return {rows: rows.filter(row => parsed.test(columns.map(column => said(row, column)).join(' ')))};
}

/** The rows ordered by a column: numbers from the largest, text from A; what is not known comes last either way. */
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

// Doubles decide unless they are too near to each other to tell.
function byDigits(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  return Math.abs(x - y) > Math.abs(x) * 1e-12 ? x - y : dec(a).cmp(dec(b));
}

/** The columns that fit, in their order, with their widths; `wide` gives the room to those that are left out first. */
export function fitColumns<Row>(
  columns: readonly Column<Row>[],
  need: ReadonlyMap<string, number>,
  width: number,
  wide: boolean,
): {readonly fitted: readonly Fitted<Row>[]; readonly gap: number} {
  const ideal = (c: Column<Row>) => Math.max(c.ideal ?? 0, Math.floor(width * (c.share ?? 0)));
  const least = (c: Column<Row>) => Math.max(c.width, need.get(c.id) ?? 0);
  const order = columns.filter(c => Number.isFinite(c.priority)).toSorted((a, b) => rank(a, wide) - rank(b, wide));
  const chosen = new Set<Column<Row>>();
  let wanted = 0;
  let used = 0;
  for (const column of order) {
    const gap = chosen.size > 0 ? 1 : 0;
    const want = wide ? least(column) : Math.max(least(column), ideal(column));
    const always = column.priority === 0 && used + least(column) + gap <= width;
    if (!always && wanted + least(column) + gap > width) continue;
    chosen.add(column);
    wanted += want + gap;
    used += least(column) + gap;
  }
  const fitted = columns.filter(c => chosen.has(c)).map(column => ({column, width: least(column)}));
  return grow(fitted, width - used, ideal);
}

// With `w` the columns that are always there stay; after them come those that were left out.
const rank = <Row>(column: Column<Row>, wide: boolean): number =>
  wide && column.priority > 0 ? 100 - column.priority : column.priority;

function grow<Row>(
  fitted: readonly Fitted<Row>[],
  spare: number,
  ideal: (column: Column<Row>) => number,
): {fitted: readonly Fitted<Row>[]; gap: number} {
  const gaps = Math.max(0, fitted.length - 1);
  const wants = fitted.reduce((sum, {column, width}) => sum + Math.max(0, ideal(column) - width), 0);
  const gap = gaps > 0 && spare >= gaps + wants ? 2 : 1;
  let left = spare - (gap - 1) * gaps;
  const widen =
    (upTo: (c: Column<Row>) => number) =>
    ({column, width}: Fitted<Row>): Fitted<Row> => {
      const more = Math.max(0, Math.min(left, upTo(column) - width));
      left -= more;
      return {column, width: width + more};
    };
  return {fitted: fitted.map(widen(ideal)).map(widen(c => c.max ?? 0)), gap};
}

/** What the right-aligned columns of these rows need. */
export function needOf<Row>(
  columns: readonly Column<Row>[],
  texts: readonly (readonly string[])[],
): ReadonlyMap<string, number> {
  const need = new Map<string, number>();
  columns.forEach((column, i) => {
    if (column.align !== 'right') return;
    need.set(
      column.id,
      Math.min(
        24,
        texts.reduce((most, row) => Math.max(most, cells(row[i] ?? '')), column.title.length),
      ),
    );
  });
  return need;
}
