import type {Micros} from '../../../src/core/time.ts';
import type {RowUse} from '../../../src/input/binding.ts';
import {TRACE_IDS} from '../../../src/input/trace.ts';
import type {FigureAt} from '../../../src/store/history.ts';
import {type Column, decimalsFor} from '../../lines/table.ts';
import type {PaneData, PaneDef, RowNumber} from './pane.ts';

/** Rows of a pane that have a past: the first ones, in its own order. */
const MOST_ROWS = 100;

/** The key under which the pane's own figures are recorded. */
const WHOLE = '';

type Def<Row> = Pick<PaneDef<never, Row>, 'columns' | 'rowKey' | 'fleeting'>;
type Whole = Readonly<Record<string, number | undefined>>;

const isNumber = <Row>({align, numeric, priority}: Column<Row>): boolean =>
  align === 'right' && numeric !== false && Number.isFinite(priority);

/** A column's number: of exact digits the nearest one, which is enough for a curve. */
function numberOf<Row>(column: Column<Row>, row: Row): number | undefined {
  const value = column.value(row);
  const n = typeof value === 'number' ? value : column.digits && value !== null ? Number(value) : Number.NaN;
  return Number.isFinite(n) ? n : undefined;
}

/** The numbers of a row, those of its columns; where rows have no past, those of the pane as a whole. */
export function numbersOf<Row>(
  {columns, fleeting}: Def<Row>,
  row: Row | undefined,
  whole: Whole,
  now: Micros,
): readonly RowNumber[] {
  if (fleeting === true || row === undefined) {
    return Object.entries(whole).map(([column, n]) => ({
      column,
      title: column.toUpperCase().replaceAll('_', ' '),
      text: n === undefined ? '' : String(Math.round(n * 10) / 10),
    }));
  }
  const decimals = decimalsFor(columns, [row]);
  return columns
    .filter(column => isNumber(column) && numberOf(column, row) !== undefined)
    .map(column => ({
      column: column.id,
      title: column.title,
      text: column.text(row, {now, decimals: decimals.get(column.id) ?? 0}),
    }));
}

/** Every number of these rows and of the pane as a whole. */
export function recordedOf<Row>(
  {columns, rowKey, fleeting}: Def<Row>,
  rows: readonly Row[],
  whole: Whole,
): readonly FigureAt[] {
  const numbers = columns.filter(isNumber);
  const ofRows = (fleeting === true ? [] : rows.slice(0, MOST_ROWS)).flatMap(row =>
    numbers.flatMap(column => {
      const value = numberOf(column, row);
      return value === undefined ? [] : [{key: rowKey(row), column: column.id, value}];
    }),
  );
  const ofWhole = Object.entries(whole).flatMap(([column, value]) =>
    value === undefined ? [] : [{key: WHOLE, column, value}],
  );
  return [...ofWhole, ...ofRows];
}

/** What the rows of a pane can be used for. */
export function usesOf<Data extends PaneData, Row>(def: PaneDef<Data, Row>): ReadonlySet<RowUse> {
  const numbers = def.fleeting === true ? def.figures !== undefined : def.columns.some(isNumber);
  const uses: Readonly<Record<RowUse, boolean>> = {
    lead: def.lead !== undefined,
    explain: def.explains !== undefined,
    history: numbers,
    trace: def.columns.some(({id}) => TRACE_IDS.some(name => name === id)),
    mode: (def.modes ?? []).length > 1,
  };
  return new Set((Object.keys(uses) as RowUse[]).filter(use => uses[use]));
}

/** The first two texts of a row that its columns show: what it is called. */
export const nameOfRow = <Row>(columns: readonly Column<Row>[], row: Row, now: Micros): string =>
  columns
    .filter(({align, width, priority}) => align === 'left' && width > 1 && priority <= 2)
    .slice(0, 2)
    .map(column => column.text(row, {now, decimals: 0}).trim())
    .join(' ');
