import type {Micros} from '../src/core/time.ts';
import type {KeyResult, Viewport} from '../src/input/effect.ts';
import {handleKey} from '../src/input/handle-key.ts';
import type {Key} from '../src/input/keys.ts';
import type {State} from '../src/model/state.ts';
import type {PaneId} from '../src/model/ui-state.ts';
import {seenState} from '../src/store/frozen.ts';
import {gridPanes, layoutOf} from './layout.ts';
import {themeOf} from './lines/theme.ts';
import {overlayPage} from './overlays/index.ts';
import {PANES, paneOf} from './panes/index.ts';
import {leadOf} from './panes/leads.ts';
import {viewOf, viewsOf} from './views.ts';

/** The screen as the key handlers see it. Every part is calculated when a handler reads it. */
function viewportOf(state: State, columns: number, rows: number): Viewport {
  const views = viewsOf(state.about);
  const view = viewOf(state, views);
  const layout = layoutOf(state.ui, columns, rows, view.panes);
  const seen = seenState(state);
  const boxes = layout.kind === 'small' ? [] : layout.boxes.flat();
  const widthOf = (id: PaneId) => boxes.find(box => box.id === id)?.width ?? columns;
  const overlay = () => overlayPage(state, columns, rows, themeOf(state));
  return {
    panes: PANES,
    views,
    view,
    grid: gridPanes(view.panes, columns, rows),
    keys: id => paneOf(id).keys(seen),
    modes: id => paneOf(id).modes,
    has: (id, key) => paneOf(id).has(seen, key),
    lead: (id, key) => leadOf(seen, id, key),
    explains: (id, key) => paneOf(id).explains(seen, key),
    figures: (id, key) =>
      paneOf(id)
        .figures(seen, key)
        .map(({column}) => column),
    sorts: id => paneOf(id).sorts(seen, widthOf(id)),
    values: (id, key) => paneOf(id).values(seen, key),
    copy: (id, key) => paneOf(id).copy(seen, key),
    get page() {
      const box = boxes.find(b => b.id === state.ui.focus);
      return Math.max(1, overlay()?.page ?? (box?.height ?? 1) - 3);
    },
    get scrollMax() {
      const box = overlay();
      return box === undefined ? 0 : Math.max(0, box.total - box.page);
    },
  };
}

/** Handles one key on a screen of this size. Pure: the caller keeps the UiState and carries out the effects. */
export const handleScreenKey = (
  state: State,
  key: Key,
  {at, columns, rows}: {readonly at: Micros; readonly columns: number; readonly rows: number},
): KeyResult => handleKey(state, key, at, shown => viewportOf(shown, columns, rows));
