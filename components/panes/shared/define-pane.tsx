import {useRef} from 'react';
import type {SampleId, State} from '../../../src/model/state.ts';
import {Frame} from '../../lines/Frame.tsx';
import {Lines} from '../../lines/Lines.tsx';
import {memoOnScreen} from '../../lines/screen-memo.ts';
import {statusHead} from '../../lines/status.ts';
import {Table} from '../../lines/Table.tsx';
import {usesOf} from './figures.ts';
import {type Moves, moveOf, movesOf} from './moves.ts';
import type {DefinedPane, Memo, PaneData, PaneDef, PaneViewProps} from './pane.ts';
import {fieldsOf, tableOf} from './pane-data.ts';
import {paneParts} from './pane-parts.ts';
import {rowReaders, samplesRead, uiOf} from './pane-rows.ts';

/** Makes a pane of its declaration: a view that is drawn again only when it shows something else, and its rows as data. */
export function definePane<Data extends PaneData, Row>(def: PaneDef<Data, Row>): DefinedPane<Data> {
  const View = memoOnScreen(function View(props: PaneViewProps<Data>) {
    const {current: memo} = useRef<Memo>(new WeakMap());
    const {width, height, focused = false, theme} = props;
    const {labels, notices, table} = paneParts(def, props, memo);
    // Marks are for the pane that somebody reads, and of a source that answers.
    const moves = useRef<Moves>(undefined);
    const {status} = props.data;
    moves.current = focused && status.head === '' ? movesOf(moves.current, status.at, def, table.rows) : undefined;
    const {current} = moves;
    const moved = current && ((row: Row, column: string) => moveOf(current, def.rowKey(row), column));
    return (
      <Frame {...labels} width={width} height={height} tone={focused ? 'accent' : 'faint'} theme={theme}>
        <Lines lines={notices} width={table.width} theme={theme} />
        <Table {...table} moved={moved} theme={theme} />
      </Frame>
    );
  });

  const reads = (state: State): readonly SampleId[] => samplesRead(def, state);
  // A pane that has one line writes it at every frame.
  const briefly: Memo = new WeakMap();
  return {
    id: def.id,
    title: def.title,
    modes: def.modes ?? [],
    columnIds: fieldsOf(def.columns),
    offers: usesOf(def),
    View,
    Connected: ({state, ...placed}) => (
      <View {...placed} data={def.select(state)} ui={uiOf(state, def.id)} now={state.at} />
    ),
    reads,
    table: state => tableOf(def, state, reads(state)),
    ...rowReaders(def),
    brief: state => {
      const data = def.select(state);
      return data.status.head === '' ? def.brief(data, def.rows(data, briefly)) : statusHead(data.status);
    },
  };
}
