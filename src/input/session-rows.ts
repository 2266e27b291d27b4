import type {Scope} from '../model/ui-state.ts';
import {SESSIONS, sessionScopes} from '../store/session-scopes.ts';
import {paneUi} from '../store/ui.ts';
import type {KeyContext} from './handler.ts';

// An alert leads to a row of Slow queries, that to its session.
const MOST_STEPS = 2;

/** The key of the session that a row of the focused pane is about: its own, or that which it leads to. */
function sessionOfRow({state, viewport}: KeyContext, key: string): string | undefined {
  let at = {pane: state.ui.focus, key};
  for (let step = 0; at.pane !== SESSIONS; step++) {
    const lead = step < MOST_STEPS ? viewport.lead(at.pane, at.key) : undefined;
    if (lead?.key === undefined) return undefined;
    at = {pane: lead.pane, key: lead.key};
  }
  return at.key;
}

/** The sessions that a key can mean on the selected row, with those that a filter shows beside it. Empty: none. */
export function scopesOfRow(context: KeyContext, selected: string | undefined): readonly Scope[] {
  const {state, viewport} = context;
  const key = selected === undefined ? undefined : sessionOfRow(context, selected);
  if (key === undefined) return [];
  const {filter, where} = paneUi(state.ui, state.ui.focus);
  const shown = filter === '' && where === undefined ? [] : viewport.keys(state.ui.focus);
  return sessionScopes(
    state,
    key,
    shown.flatMap(row => sessionOfRow(context, row) ?? []),
  );
}
