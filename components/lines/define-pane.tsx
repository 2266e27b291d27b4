import {memo as memoised, useRef} from 'react';
import {grouped, NA} from '../../src/core/format.ts';
import type {State} from '../../src/model/state.ts';
import type {PaneUi} from '../../src/model/ui-state.ts';
import {liveFilter, paneUi} from '../../src/store/ui.ts';
import {Frame} from './Frame.tsx';
import type {Memo, Pane, PaneDef, PaneProps, PaneTable} from './pane.ts';
import {paneFrame, rowsOf, shownColumns} from './pane-lines.ts';
import {sameProps} from './same-props.ts';
import {type Status, statusHead} from './status.ts';
import {type Column, decimalsFor, type Value} from './table.ts';

/** Makes a pane of its declaration: the view that is drawn only when what it shows has changed, and its rows as data. */
export function definePane<Data extends object, Row>(def: PaneDef<Data, Row>): Pane {
  const Body = memoised(function Body({
    data,
    status,
    ui,
    filter,
    wide,
    now,
    digit,
    focused,
    faint,
    theme,
    width,
    height,
  }: BodyProps<Data>) {
    const {current: memo} = useRef<Memo>(new WeakMap());
    const framed = paneFrame(def, {memo, data, status, ui, filter, wide, now, digit, focused, width, height});
    return <Frame {...framed} theme={theme} faint={faint} />;
  }, sameScreen);

  // A pane that is told in a line is worked out at every frame.
  const briefly: Memo = new WeakMap();
  return {
    id: def.id,
    title: def.title,
    columnIds: def.columns.map(c => c.id).filter(id => id !== ''),
    View: ({state, ...rest}) => (
      <Body
        {...rest}
        data={def.select(state)}
        status={def.status(state)}
        ui={paneUi(state.ui, def.id)}
        filter={liveFilter(state.ui, def.id)}
        wide={state.ui.wide === true}
        now={state.at}
      />
    ),
    table: state => tableOf(def, state),
    keys: state => shownRows(def, state).map(def.rowKey),
    sorts: (state, width) =>
      shownColumns(def, shownRows(def, state), state.ui.wide === true, width, state.at)
        .filter(c => c.sortable !== false)
        .map(({id, title}) => ({id, title})),
    copy: (state, key) => {
      const row = def.rows(def.select(state), new WeakMap()).find(r => def.rowKey(r) === key);
      return row === undefined ? undefined : (def.copy?.(row) ?? JSON.stringify(valuesOf(def, row)));
    },
    details: (state, key) => {
      const row = def.rows(def.select(state), new WeakMap()).find(r => def.rowKey(r) === key);
      if (row === undefined) return undefined;
      const own = def.columns.filter(c => def.applies?.(row, c.id) ?? true);
      return own.map(c => [c.id.replaceAll('_', ' '), whole(c, row)] as const);
    },
    brief: state => {
      const status = def.status(state);
      const data = def.select(state);
      return status.head === '' ? def.brief(data, def.rows(data, briefly)) : statusHead(status);
    },
  };
}

// Ages inside rows count whole seconds: a finer clock would draw the pane at every frame.
const sameScreen = <Data,>(a: BodyProps<Data>, b: BodyProps<Data>): boolean =>
  Math.floor(a.now / 1e6) === Math.floor(b.now / 1e6) && sameProps({...a, now: 0}, {...b, now: 0});

type BodyProps<Data> = Omit<PaneProps, 'state'> & {
  readonly data: Data;
  readonly status: Status;
  readonly ui: PaneUi;
  readonly filter: string;
  readonly wide: boolean;
  readonly now: number;
};

const shownRows = <Data extends object, Row>(def: PaneDef<Data, Row>, state: State): readonly Row[] =>
  rowsOf(
    def,
    def.rows(def.select(state), new WeakMap()),
    paneUi(state.ui, def.id),
    liveFilter(state.ui, def.id),
    state.at,
  ).rows;

const valuesOf = <Data extends object, Row>(def: PaneDef<Data, Row>, row: Row): Readonly<Record<string, Value>> =>
  Object.fromEntries(def.columns.filter(c => c.id !== '').map(c => [c.id, c.value(row)]));

function whole<Row>(column: Column<Row>, row: Row): string {
  const value = column.value(row);
  if (value === null) return NA;
  if (column.digits !== undefined) return grouped(String(value));
  if (typeof value === 'number') return column.text(row, {now: 0, decimals: 0});
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : value;
}

function tableOf<Data extends object, Row>(def: PaneDef<Data, Row>, state: State): PaneTable {
  const data = def.select(state);
  const all = def.rows(data, new WeakMap());
  const decimals = decimalsFor(def.columns, all);
  const texts = (row: Row) => def.columns.map(c => c.text(row, {now: state.at, decimals: decimals.get(c.id) ?? 0}));
  return {
    id: def.id,
    title: def.title,
    status: def.status(state),
    summary: def.brief(data, all),
    columns: def.columns.map(({id, title, align, priority}) => ({id, title, align, priority})),
    rows: all.map(row => ({key: def.rowKey(row), texts: texts(row), values: valuesOf(def, row)})),
  };
}
