import {cells} from '../../src/core/width.ts';
import type {Column} from './table.ts';

export type Fitted<Row> = {readonly column: Column<Row>; readonly width: number};

/** The cells that each column needs to show everything, its heading included; by column id. */
type Natural = ReadonlyMap<string, number>;

// A longer number is cut like a text: two to the eightieth has 32 characters, a day's turnover a dozen.
const LONGEST_NUMBER = 32;
const WIDEST_GAP = 4;

/**
 * The columns that fit into `width` cells, in their order, with their widths and the gap between two of them.
 * Right-aligned columns are as wide as their widest number; the others get their ideal width where there is room.
 * `wide` gives the room to the columns that are otherwise left out first.
 */
export function fitColumns<Row>(
  columns: readonly Column<Row>[],
  natural: Natural,
  width: number,
  wide: boolean,
): {readonly fitted: readonly Fitted<Row>[]; readonly gap: number} {
  const content = (c: Column<Row>) => natural.get(c.id) ?? 0;
  const least = (c: Column<Row>) =>
    c.align === 'right' ? Math.max(c.width, Math.min(content(c), LONGEST_NUMBER)) : c.width;
  const ideal = (c: Column<Row>) =>
    c.share === undefined ? Math.min(c.ideal ?? 0, content(c)) : Math.max(c.ideal ?? 0, Math.floor(width * c.share));
  const most = (c: Column<Row>) => (c.share === undefined ? Math.min(c.max ?? 0, content(c)) : (c.max ?? 0));
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
  return grow(fitted, width - used, ideal, most);
}

// In wide mode the columns with priority 0 stay; after them come those that are otherwise left out first.
const rank = <Row>(column: Column<Row>, wide: boolean): number =>
  wide && column.priority > 0 ? 100 - column.priority : column.priority;

type Size<Row> = (column: Column<Row>) => number;

function grow<Row>(
  fitted: readonly Fitted<Row>[],
  spare: number,
  ideal: Size<Row>,
  most: Size<Row>,
): {readonly fitted: readonly Fitted<Row>[]; readonly gap: number} {
  const gaps = Math.max(1, fitted.length - 1);
  // Room goes to texts that would be cut, then to the gaps.
  const wants = fitted.reduce(
    (sum, {column, width}) => sum + Math.max(0, ideal(column) - width, most(column) - width),
    0,
  );
  const air = spare >= gaps + wants ? 1 : 0;
  let left = spare - air * gaps;
  const widen =
    (upTo: Size<Row>) =>
    ({column, width}: Fitted<Row>): Fitted<Row> => {
      const more = Math.max(0, Math.min(left, upTo(column) - width));
      left -= more;
      return {column, width: width + more};
    };
  const grown = fitted.map(widen(ideal)).map(widen(most));
  return {fitted: grown, gap: Math.min(WIDEST_GAP, 1 + air + Math.floor(Math.max(0, left) / gaps))};
}

/**
 * Measures the columns: numbers by the rows in sight, words by all rows, so that their columns stay in place while the
 * rows move.
 */
export function naturalOf<Row>(
  columns: readonly Column<Row>[],
  all: readonly Row[],
  seen: readonly (readonly string[])[],
  now: number,
): Natural {
  const context = {now, decimals: 0};
  return new Map(
    columns.map((column, i) => {
      const texts =
        column.align === 'right'
          ? seen.map(row => row[i] ?? '')
          : column.ideal === undefined || column.share !== undefined
            ? []
            : all.map(row => column.text(row, context));
      return [column.id, texts.reduce((widest, text) => Math.max(widest, cells(text)), cells(column.title))];
    }),
  );
}
