import type {Scope} from '../model/ui-state.ts';
import {SESSIONS, sessionScopes} from '../store/session-scopes.ts';
import {paneUi} from '../store/ui.ts';
import type {KeyContext} from './handler.ts';
import {placesOf} from './row-places.ts';

/** The key of the session that a row of the focused pane is about: its own, or that which it leads to. */
const sessionOfRow = (context: KeyContext, key: string): string | undefined =>
  placesOf(context, key).find(({pane}) => pane === SESSIONS)?.key;

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
