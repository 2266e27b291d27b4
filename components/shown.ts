import {setConfigAction} from '../src/actions/set-config.ts';
import type {SampleId, State} from '../src/model/state.ts';
import {layoutOf} from './layout.ts';
import {paneOf} from './panes/index.ts';
import {viewOf} from './views.ts';

/** What the header and the second line read. */
const HEADER = ['server', 'redis'] as const satisfies readonly SampleId[];
/** What the list of targets reads. */
const CHOOSER = ['tables', 'progress'] as const satisfies readonly SampleId[];

/** What the list of settings reads. */
const SETTINGS = ['system_config'] as const satisfies readonly SampleId[];

/** The samples that a screen of this size shows, each once, in the order of their names. */
export function samplesShown(state: State, columns: number, rows: number): readonly SampleId[] {
  const layout = layoutOf(state.ui, columns, rows, viewOf(state).panes);
  const panes = layout.kind === 'small' ? [] : [...layout.boxes.flat().map(({id}) => id), ...layout.brief];
  const {overlay} = state.ui;
  const chooser = overlay?.kind !== 'chooser' ? [] : overlay.actionId === setConfigAction.id ? SETTINGS : CHOOSER;
  return [...new Set<SampleId>([...HEADER, ...chooser, ...panes.flatMap(id => paneOf(id).reads(state))])].sort();
}
