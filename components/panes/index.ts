import {PANE_DIGITS} from '../../src/input/keys.ts';
import type {PaneId} from '../../src/model/ui-state.ts';
import {healthPane} from './health.ts';
import {positionsPane} from './positions.ts';
import {sessionsPane} from './sessions/sessions.ts';
import type {Pane} from './shared/pane.ts';
import {slowQueriesPane} from './slow-queries/slow-queries.ts';
import {syncPane} from './sync/sync.ts';
import {tradesPane} from './trades.ts';

/**
 * Every pane, in the order of their digits and of Tab. The first four share the screen where there is room for them;
 * each of the others has it whole while it has the focus.
 */
export const PANES: readonly (Pane & {
  /** The digit that goes to it; empty: none does. */
  readonly key: string;
})[] = [tradesPane, positionsPane, slowQueriesPane, healthPane, syncPane, sessionsPane].map((pane, i) => ({
  ...pane,
  key: PANE_DIGITS[i] ?? '',
}));

/** The panes of the grid, from the left and from above. */
export const GRID_PANES = PANES.slice(0, 4).map(pane => pane.id) as [PaneId, PaneId, PaneId, PaneId];

/** A pane by its name. */
export function paneOf(id: PaneId): (typeof PANES)[number] {
  const pane = PANES.find(p => p.id === id);
  if (pane === undefined) throw new Error(`there is no pane ${id}`);
  return pane;
}
