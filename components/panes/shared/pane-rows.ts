import type {SampleId, State} from '../../../src/model/state.ts';
import type {PaneUi} from '../../../src/model/ui-state.ts';
import {liveFilter, paneUi} from '../../../src/store/ui.ts';
import {shownColumns} from '../../lines/table-lines.ts';
import {nameOfRow, numbersOf, recordedOf} from './figures.ts';
import type {Pane, PaneData, PaneDef} from './pane.ts';
import {detailsOf, valuesOf} from './pane-data.ts';
import {shownRows} from './pane-parts.ts';

type Readers =
  | 'keys'
  | 'has'
  | 'leads'
  | 'found'
  | 'explains'
  | 'figures'
  | 'nameOf'
  | 'recorded'
  | 'sorts'
  | 'copy'
  | 'values'
  | 'details';

/** What key handlers, overlays and the recorder of numbers ask about the rows of a pane. */
export function rowReaders<Data extends PaneData, Row>(def: PaneDef<Data, Row>): Pick<Pane, Readers> {
  const rowsIn = (state: State): readonly Row[] => def.rows(def.select(state), new WeakMap());
  const rowWith = (state: State, key: string): Row | undefined => rowsIn(state).find(row => def.rowKey(row) === key);
  const shownIn = (state: State) => shownRows(def, rowsIn(state), uiOf(state, def.id), state.at).rows;
  const wholeIn = (state: State) => def.figures?.(def.select(state)) ?? {};
  return {
    keys: state => shownIn(state).map(def.rowKey),
    has: (state, key) => rowWith(state, key) !== undefined,
    leads: (state, key) => {
      const row = rowWith(state, key);
      return [(row && def.lead?.(row)) ?? []].flat();
    },
    found: (state, key) => {
      const row = rowWith(state, key);
      return row && def.found?.(row);
    },
    explains: (state, key) => {
      const row = rowWith(state, key);
      return row && def.explains?.(row);
    },
    figures: (state, key) => numbersOf(def, rowWith(state, key), wholeIn(state), state.at),
    nameOf: (state, key) => {
      const row = rowWith(state, key);
      return row === undefined || def.fleeting === true ? '' : nameOfRow(def.columns, row, state.at);
    },
    recorded: state => (isKnown(def, state) ? recordedOf(def, rowsIn(state), wholeIn(state)) : []),
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
    values: (state, key) => {
      const row = rowWith(state, key);
      return row && valuesOf(def, row);
    },
    details: (state, key) => {
      const row = rowWith(state, key);
      return row === undefined ? undefined : detailsOf(def, row);
    },
  };
}

/**
 * Whether the numbers of a pane are those of now: what cannot be read keeps its last rows, which are the past already. A source
 * that never gave any, such as one that this server does not have, says nothing; nor does a second source of rows that never change.
 */
function isKnown<Data extends PaneData, Row>(def: PaneDef<Data, Row>, state: State): boolean {
  const {status} = def.select(state);
  const isNow = ({state: is, asleep}: {readonly state: string; readonly asleep?: boolean | undefined}): boolean =>
    (is === 'ok' || is === 'empty') && asleep !== true;
  const sources = def.fleeting === true ? [] : samplesRead(def, state).map(id => state.samples[id]);
  const have = sources.filter(held => held.rows.length > 0 || isNow(held));
  return isNow(status) && have.every(isNow) && (sources.length === 0 || have.length > 0);
}

/** The samples that a pane takes from a State. */
export function samplesRead<Data extends PaneData, Row>(def: PaneDef<Data, Row>, state: State): readonly SampleId[] {
  const read = new Set<SampleId>();
  def.select({...state, samples: noting(state.samples, read)});
  return [...read];
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
export const uiOf = (state: State, id: PaneDef<PaneData, unknown>['id']): PaneUi => ({
  ...paneUi(state.ui, id),
  filter: liveFilter(state.ui, id),
});
