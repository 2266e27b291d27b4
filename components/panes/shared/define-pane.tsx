import {useRef} from 'react';
import type {SampleId, State} from '../../../src/model/state.ts';
import type {PaneUi} from '../../../src/model/ui-state.ts';
import {liveFilter, paneUi} from '../../../src/store/ui.ts';
import {Frame} from '../../lines/Frame.tsx';
import {Lines} from '../../lines/Lines.tsx';
import {memoOnScreen} from '../../lines/screen-memo.ts';
import {statusHead} from '../../lines/status.ts';
import {Table} from '../../lines/Table.tsx';
import {shownColumns} from '../../lines/table-lines.ts';
import type {DefinedPane, Memo, PaneData, PaneDef, PaneViewProps} from './pane.ts';
import {detailsOf, tableOf, valuesOf} from './pane-data.ts';
import {paneParts, shownRows} from './pane-parts.ts';

/** Makes a pane of its declaration: a view that is drawn again only when it shows something else, and its rows as data. */
export function definePane<Data extends PaneData, Row>(def: PaneDef<Data, Row>): DefinedPane<Data> {
  const View = memoOnScreen(function View(props: PaneViewProps<Data>) {
    const {current: memo} = useRef<Memo>(new WeakMap());
    const {width, height, focused = false, theme} = props;
    const {labels, notices, table} = paneParts(def, props, memo);
    return (
      <Frame {...labels} width={width} height={height} tone={focused ? 'accent' : 'faint'} theme={theme}>
        <Lines lines={notices} width={table.width} theme={theme} />
        <Table {...table} theme={theme} />
      </Frame>
    );
  });

  const rowsIn = (state: State): readonly Row[] => def.rows(def.select(state), new WeakMap());
  const rowWith = (state: State, key: string): Row | undefined => rowsIn(state).find(row => def.rowKey(row) === key);
  const shownIn = (state: State) => shownRows(def, rowsIn(state), uiOf(state, def.id), state.at).rows;
  // A pane that has one line writes it at every frame.
  const briefly: Memo = new WeakMap();
  return {
    id: def.id,
    title: def.title,
    columnIds: def.columns.map(c => c.id).filter(id => id !== ''),
    View,
    Connected: ({state, ...placed}) => (
      <View {...placed} data={def.select(state)} ui={uiOf(state, def.id)} now={state.at} />
    ),
    reads: state => {
      const read = new Set<SampleId>();
      def.select({...state, samples: noting(state.samples, read)});
      return [...read];
    },
    table: state => tableOf(def, state),
    keys: state => shownIn(state).map(def.rowKey),
    has: (state, key) => rowWith(state, key) !== undefined,
    lead: (state, key) => {
      const row = rowWith(state, key);
      return row && def.lead?.(row);
    },
    explains: (state, key) => {
      const row = rowWith(state, key);
      return row && def.explains?.(row);
    },
    sorts: (state, width) => {
      const {wide = false, sort} = uiOf(state, def.id);
      const view = {columns: def.columns, rows: shownIn(state), width: width - 2, height: 0, now: state.at, wide, sort};
      return shownColumns(view)
        .filter(c => c.sortable !== false)
        .map(({id, title}) => ({id, title}));
    },
    copy: (state, key) => {
      const row = rowWith(state, key);
      return row === undefined ? undefined : (def.copy?.(row) ?? JSON.stringify(valuesOf(def, row)));
    },
    details: (state, key) => {
      const row = rowWith(state, key);
      return row === undefined ? undefined : detailsOf(def, row);
    },
    brief: state => {
      const data = def.select(state);
      return data.status.head === '' ? def.brief(data, def.rows(data, briefly)) : statusHead(data.status);
    },
  };
}

/** The same samples; each that is read is added to `read`. */
const noting = (samples: State['samples'], read: Set<SampleId>): State['samples'] =>
  new Proxy(samples, {
    get: (all, id: SampleId) => {
      read.add(id);
      return all[id];
    },
  });

/** What a person has done to the pane; a filter counts while it is being typed. */
const uiOf = (state: State, id: PaneDef<PaneData, unknown>['id']): PaneUi => ({
  ...paneUi(state.ui, id),
  filter: liveFilter(state.ui, id),
});
