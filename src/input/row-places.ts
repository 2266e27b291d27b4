import type {PaneId} from '../model/ui-state.ts';
import {paneUi, selectedIndex} from '../store/ui.ts';
import type {KeyContext} from './handler.ts';

/** A row by its pane and its key. */
type Place = {readonly pane: PaneId; readonly key: string};

// An alert leads to a row of Slow queries, that to its session.
const MOST_STEPS = 2;

/** The row of the focused pane, and the rows that it leads on to, one after the other. Empty: no row is selected. */
export function placesOf({state, viewport}: KeyContext, selected: string | undefined): readonly Place[] {
  const places: Place[] = [];
  for (let key = selected, pane = state.ui.focus; key !== undefined && places.length <= MOST_STEPS; ) {
    places.push({pane, key});
    const lead = viewport.lead(pane, key);
    [pane, key] = [lead?.pane ?? pane, lead?.key];
  }
  return places;
}

/** The row of the focused pane that the keys work on; undefined: there is none. */
export function selectedRow({state, viewport}: KeyContext): string | undefined {
  const keys = viewport.keys(state.ui.focus);
  return keys[selectedIndex(paneUi(state.ui, state.ui.focus), keys)];
}

/** The key of the row of `pane` that the selected row is about, without its kind: `limit 4` is `4`. */
export function rowOfKind(context: KeyContext, selected: string | undefined, pane: PaneId, kind: string) {
  const place = placesOf(context, selected).find(({pane: at, key}) => at === pane && key.startsWith(`${kind} `));
  return place?.key.slice(kind.length + 1);
}

/** The alerts whose subject is a strategy, by their rules. */
const OF_STRATEGIES: ReadonlySet<unknown> = new Set(['reject_rate', 'trade_rate_low', 'trade_rate_high']);

/** The strategy that the selected row is about: its own, or that of a row that it leads to. Undefined: none. */
export function strategyOfRow(context: KeyContext, selected: string | undefined): string | undefined {
  for (const {pane, key} of placesOf(context, selected)) {
    const {alert, subject, kind, name, strategy} = context.viewport.values(pane, key) ?? {};
    const found =
      pane === 'alerts' && OF_STRATEGIES.has(alert)
        ? subject
        : pane === 'analytics' && kind === 'strategy'
          ? name
          : strategy;
    if (typeof found === 'string' && found !== '') return found;
  }
  return undefined;
}
