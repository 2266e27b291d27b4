import type {Micros} from '../../../src/core/time.ts';
import type {PaneUi, Where} from '../../../src/model/ui-state.ts';
import {selectedIndex} from '../../../src/store/ui.ts';
import type {FrameLabels} from '../../lines/Frame.tsx';
import {edgeRoom} from '../../lines/frame.ts';
import {statusHead} from '../../lines/status.ts';
import {filterRows, orderRows, rowsWhere} from '../../lines/table.ts';
import {type TableView, tableWindow} from '../../lines/table-lines.ts';
import type {Line} from '../../lines/theme.ts';
import {noticeLines} from './notices.ts';
import type {Memo, PaneData, PaneDef, PaneViewProps} from './pane.ts';

/** What a pane shows while nobody has touched it. */
const UNTOUCHED: PaneUi = {selected: undefined, filter: '', sort: undefined, reverse: false};

/** The rows as they are shown: filtered and ordered. */
export function shownRows<Data extends PaneData, Row>(
  {columns}: PaneDef<Data, Row>,
  all: readonly Row[],
  {filter, where, sort, reverse}: PaneUi,
  now: Micros,
): {readonly rows: readonly Row[]; readonly error?: string} {
  const found = filterRows(where === undefined ? all : rowsWhere(all, columns, where), columns, filter, now);
  return {...found, rows: orderRows(found.rows, columns, sort, reverse)};
}

const isNarrowed = ({filter, where}: PaneUi): boolean => filter.trim() !== '' || where !== undefined;

/** What the rows of a lead have in common: `ACC-01 AAPL`. */
const valuesOf = (where: Where): string => Object.values(where).join(' ');

/** What a pane consists of: the labels of its frame, the lines above its rows, and its table. */
type PaneParts<Row> = {
  readonly labels: FrameLabels;
  readonly notices: readonly Line[];
  readonly table: TableView<Row>;
};

/** Divides a pane of this size among its parts. */
export function paneParts<Data extends PaneData, Row>(
  def: PaneDef<Data, Row>,
  props: PaneViewProps<Data>,
  memo: Memo,
): PaneParts<Row> {
  const {data, ui = UNTOUCHED, now = 0, digit = '', focused = false, width, height} = props;
  const {status} = data;
  const all = def.rows(data, memo);
  const {rows, error} = shownRows(def, all, ui, now);
  const inside = Math.max(0, height - 2);
  const notices = noticeLines({
    status,
    remarks: def.remarks?.(data) ?? [],
    empty: typeof def.empty === 'string' ? def.empty : def.empty(data),
    all: all.length,
    shown: rows.length,
    filter: ui.filter,
    where: ui.where === undefined ? undefined : valuesOf(ui.where),
    filterError: error,
    width: width - 2,
  }).slice(0, rows.length === 0 ? inside : Math.max(1, inside - 2));
  const table: TableView<Row> = {
    columns: def.columns,
    rows,
    width: Math.max(0, width - 2),
    height: Math.max(0, inside - notices.length),
    now,
    wide: ui.wide === true,
    sort: ui.sort,
    reverse: ui.reverse,
    // Without the focus a pane follows its first rows: one that stands still must not be taken for a quiet market.
    selected: focused ? (ui.selected === undefined ? 0 : selectedIndex(ui, rows.map(def.rowKey))) : undefined,
    totals: def.sumsNarrowed === true && !isNarrowed(ui) ? undefined : def.totals,
    dim: status.head !== '' && status.state !== 'waiting',
    fresh: def.fresh,
    sign: def.sign,
    rowStyle: def.rowStyle,
  };
  const {start, size} = tableWindow(table);
  const position = rows.length > size && size > 0 ? `${start + 1}–${start + size} of ${rows.length}` : '';
  const room = edgeRoom(width, position.length);
  const labels = {
    title: [
      [`${digit} ${def.title}`.trim(), focused ? 'title' : 'strong'],
      ...(ui.where === undefined ? [] : [[` ${valuesOf(ui.where)}`, 'accent'] as const]),
      ...(ui.filter === '' ? [] : [[` /${ui.filter}`, 'accent'] as const]),
    ] as Line,
    right: status.head === '' ? def.head(data, all) : statusHead(status),
    // Of a source that has never answered nothing is known: not that there is none of it.
    foot: status.at === undefined && status.why !== undefined && all.length === 0 ? [] : def.foot(data, all, room),
    position: position === '' ? [] : ([[position, 'faint']] as Line),
  };
  return {labels, notices, table};
}
