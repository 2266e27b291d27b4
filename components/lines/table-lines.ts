import type {Micros} from '../../src/core/time.ts';
import {cells, tail} from '../../src/core/width.ts';
import {type Fitted, fitColumns, naturalOf} from './fit.ts';
import {cell} from './line.ts';
import {type Move, marked} from './moved.ts';
import {type Column, decimalsFor} from './table.ts';
import type {Line, Span, Style} from './theme.ts';

/** Sums under the rows: a text and its style, by the column's id. */
export type Totals = Readonly<Record<string, readonly [text: string, style?: Style]>>;

/** A table as it is drawn. Only the first four are needed. */
export type TableView<Row> = {
  readonly columns: readonly Column<Row>[];
  /** Filtered and ordered. */
  readonly rows: readonly Row[];
  /** In cells. */
  readonly width: number;
  /** In lines, with the heading and the totals. */
  readonly height: number;
  /** Ages in the cells count from it. */
  readonly now?: Micros;
  /** Shows the columns first that are otherwise left out first. */
  readonly wide?: boolean;
  /** The column that orders the rows: its heading gets an arrow. */
  readonly sort?: string | undefined;
  readonly reverse?: boolean;
  /** Index of the selected row, which is kept in sight; undefined: the first rows are seen and none is marked. */
  readonly selected?: number | undefined;
  readonly totals?: ((rows: readonly Row[]) => Totals) | undefined;
  /** Rows and totals are faint: their source fails. */
  readonly dim?: boolean;
  /** Rows that stay bright in a dim table: they come from another source. */
  readonly fresh?: ((row: Row) => boolean) | undefined;
  /** A sign in front of a row that is not selected. */
  readonly sign?: ((row: Row) => string | undefined) | undefined;
  readonly rowStyle?: ((row: Row) => Style | undefined) | undefined;
  /** How a number has moved since the reading before, by the column's id: an arrow in front of it says so. */
  readonly moved?: ((row: Row, column: string) => Move | undefined) | undefined;
};

/** The first row of those that are seen: the selected one is in the middle, where there is room on both sides. */
export const windowStart = (selected: number, size: number, total: number): number =>
  Math.max(0, Math.min(selected - Math.floor(size / 2), total - size));

// Totals take a line only where at least this many lines remain for rows.
const LEAST_ROWS = 3;

/** Which rows a table shows, and whether its totals have a line. */
export function tableWindow<Row>({rows, height, selected, totals}: TableView<Row>): {
  readonly start: number;
  readonly size: number;
  readonly withTotals: boolean;
} {
  const room = Math.max(0, height - 1);
  const withTotals = totals !== undefined && room > LEAST_ROWS && rows.length > 0;
  const size = withTotals ? room - 1 : room;
  return {start: selected === undefined ? 0 : windowStart(selected, size, rows.length), size, withTotals};
}

/** The heading, the rows in sight and the totals: at most `height` lines. */
export function tableLines<Row>(given: TableView<Row>): readonly Line[] {
  const view = {...given, columns: given.columns.map(column => withArrow(column, given))};
  const {start, size, withTotals} = tableWindow(view);
  const totals = withTotals ? view.totals?.(view.rows) : undefined;
  const seen = view.rows.slice(start, start + size);
  const {fitted, gap, texts} = fitTable(view, seen, totals);
  const space: Span = [' '.repeat(gap)];
  const join = (lead: Span, spans: readonly Span[]): Line => [
    lead,
    ...spans.flatMap((span, i) => (i === 0 ? [span] : [space, span])),
  ];
  const {moved} = view;
  const withMoves = (line: Line, row: Row): Line =>
    moved === undefined
      ? line
      : marked(
          line,
          fitted.map(({column}) => moved(row, column.id)),
        );
  const index = new Map(view.columns.map((column, i) => [column, i]));
  const lines = seen.map((row, r): Line => {
    const selected = start + r === view.selected;
    const base = view.dim === true && view.fresh?.(row) !== true ? 'faint' : view.rowStyle?.(row);
    const spans = fitted.map(({column, width}) =>
      cell(
        cellText(column, texts[r]?.[index.get(column) ?? 0] ?? '', width),
        width,
        column.align,
        selected ? 'select' : (base ?? column.style?.(row)),
      ),
    );
    if (!selected) return withMoves(join([view.sign?.(row) ?? ' ', 'faint'], spans), row);
    return withMoves(join(['▸', 'title'], spans), row).map(([text, style]) => [text, style ?? 'select']);
  });
  const heading = fitted.map(({column, width}) =>
    cell(column.title, width, column.align, view.sort === column.id ? 'accent' : 'faint'),
  );
  const sums = fitted.map(({column, width}) => {
    const [text = '', style = 'strong'] = totals?.[column.id] ?? [];
    return cell(text, width, column.align, view.dim === true ? 'faint' : style);
  });
  return [join([' '], heading), ...lines, ...(totals === undefined ? [] : [join([' '], sums)])].slice(0, view.height);
}

const cellText = <Row>({keepEnd}: Column<Row>, text: string, width: number): string =>
  keepEnd === true ? tail(text, width) : text;

// Rows that decide which columns fit, where it is not known which are in sight.
const SAMPLE_ROWS = 50;

/** The columns that a table of this width shows. */
export const shownColumns = <Row>(view: TableView<Row>): readonly Column<Row>[] =>
  fitTable(
    {...view, columns: view.columns.map(column => withArrow(column, view))},
    view.rows.slice(0, SAMPLE_ROWS),
    undefined,
  ).fitted.map(({column}) => column);

// Cells beside the columns: the sign in front, and one at the right.
const MARGINS = 2;

function fitTable<Row>(
  {columns, rows, width, now = 0, wide = false}: TableView<Row>,
  seen: readonly Row[],
  totals: Totals | undefined,
): {readonly fitted: readonly Fitted<Row>[]; readonly gap: number; readonly texts: readonly (readonly string[])[]} {
  const decimals = decimalsFor(columns, rows);
  const used = columns.filter(c => c.sparse !== true || c.priority === 0 || rows.some(row => shows(c, row, now)));
  const texts = seen.map(row => columns.map(c => c.text(row, {now, decimals: decimals.get(c.id) ?? 0})));
  const sums = totals === undefined ? [] : [columns.map(c => totals[c.id]?.[0] ?? '')];
  const natural = naturalOf(columns, rows, [...texts, ...sums], now);
  return {...fitColumns(used, natural, width - MARGINS, wide), texts};
}

const shows = <Row>(column: Column<Row>, row: Row, now: number): boolean =>
  column.text(row, {now, decimals: 0}).trim() !== '';

/** The column that orders the rows is always shown, with an arrow in its heading and the room for it. */
function withArrow<Row>(column: Column<Row>, {sort, reverse}: TableView<Row>): Column<Row> {
  if (sort !== column.id) return column;
  const title = `${column.title}${reverse === true ? '↑' : '↓'}`;
  return {...column, title, width: Math.max(column.width, cells(title)), priority: 0};
}
