import {UserError} from '../src/core/errors.ts';
import {didYouMean} from '../src/core/nearest.ts';
import {sanitise} from '../src/core/sanitise.ts';
import type {About, State} from '../src/model/state.ts';
import type {PaneId} from '../src/model/ui-state.ts';
import {MOST_PANES, VIEWS, type View, withOwnViews} from '../src/model/views.ts';
import {PANES} from './panes/index.ts';

const IDS = PANES.map(pane => pane.id);

/** The views of this console, in the order of `]`, with the panes that there are. One without any is left out. */
export const viewsOf = (about: Pick<About, 'views'>): readonly View[] =>
  (about.views ?? VIEWS)
    .map(view => ({...view, panes: view.panes.filter(id => IDS.includes(id))}))
    .filter(({panes}) => panes.length > 0);

/** The view that the screen shows. */
export const viewOf = ({about, ui}: Pick<State, 'about' | 'ui'>, views = viewsOf(about)): View =>
  views.find(({name}) => name === ui.view) ?? (views[0] as View);

/** The digit that goes to a pane in the view of the screen; empty: the view does not have it. */
export function digitOf(state: Pick<State, 'about' | 'ui'>, id: PaneId): string {
  const index = viewOf(state).panes.indexOf(id);
  return index < 0 ? '' : String(index + 1);
}

/** Every view, with those of the config file (`views: {NAME: [PANE, …]}`). Throws a UserError where one is not valid. */
export function readViews(settings: Readonly<Record<string, readonly string[]>> = {}): readonly View[] {
  return withOwnViews(Object.entries(settings).map(([name, panes]) => ownView(name, panes)));
}

function ownView(given: string, panes: readonly string[]): View {
  const name = sanitise(given.trim(), 20);
  const named = `The view ${name} of the config file`;
  if (name === '') throw new UserError('A view of the config file has no name.', 'Write views: {"Mine": ["trades"]}.');
  const unknown = panes.find(id => !IDS.includes(id));
  if (unknown !== undefined) {
    throw new UserError(
      `${named} names ${sanitise(unknown, 40)}, which is no pane.`,
      didYouMean(unknown, IDS, `Panes: ${IDS.join(', ')}.`),
    );
  }
  if (panes.length === 0 || panes.length > MOST_PANES) {
    throw new UserError(`${named} has ${panes.length} panes.`, `Name 1 to ${MOST_PANES}: ${IDS.join(', ')}.`);
  }
  return {name, panes: [...new Set(panes)]};
}
