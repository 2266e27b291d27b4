import type {Target} from '../actions/target.ts';
import {targetName} from '../actions/target.ts';
import {count, plural} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoMicros} from '../core/time.ts';
import type {State} from '../model/state.ts';
import type {PaneId, Scope} from '../model/ui-state.ts';
import type {BackendRow} from '../monitor/backends.ts';
import {sessionOfKey} from '../monitor/session-key.ts';
import {paneUi} from '../store/ui.ts';
import type {KeyContext} from './handler.ts';

const SESSIONS = 'sessions';

/** The panes whose rows can be about a session. */
export const SESSION_PANES: readonly PaneId[] = [SESSIONS, 'slow_queries', 'alerts'];

// An alert leads to a row of Slow queries, that to its session.
const MOST_STEPS = 2;

/** The key of the session that a row is about: the row's own, or that which it leads to. Undefined: none. */
function sessionOfRow({viewport}: KeyContext, pane: PaneId, key: string): string | undefined {
  let at = {pane, key};
  for (let step = 0; at.pane !== SESSIONS; step++) {
    const lead = step < MOST_STEPS ? viewport.lead(at.pane, at.key) : undefined;
    if (lead?.key === undefined) return undefined;
    at = {pane: lead.pane, key: lead.key};
  }
  return at.key;
}

/**
 * The sessions that a key on a row can mean: that of the row; where it waits, the root that it waits for; and where a
 * filter narrows the rows, all that it shows. Empty: the row is about none.
 */
export function sessionScopes(context: KeyContext, selected: string | undefined): readonly Scope[] {
  const {state, viewport} = context;
  const pane = state.ui.focus;
  const key = selected === undefined ? undefined : sessionOfRow(context, pane, selected);
  if (key === undefined) return [];
  const {filter, where} = paneUi(state.ui, pane);
  const shown = filter === '' && where === undefined ? [] : viewport.keys(pane);
  const all = [...new Set(shown.flatMap(row => sessionOfRow(context, pane, row) ?? []))].filter(sessionOfKey);
  const root = rootOf(state, key);
  return [
    ...scopeOf([key], words(state, key)),
    ...(root === undefined ? [] : scopeOf([root.key], `${words(state, root.key)}: ${waiting(root)}`)),
    ...(all.length > 1 ? scopeOf(all, `all ${count(all.length)} sessions that the filter shows`) : []),
  ];
}

const waiting = ({blocks}: BackendRow): string =>
  `the root, for which ${plural(blocks, 'session waits', 'sessions wait')}`;

function scopeOf(keys: readonly string[], text: string): readonly Scope[] {
  const sessions = keys.flatMap(key => {
    const found = sessionOfKey(key);
    return found ? [{pid: found.pid, backendStart: isoMicros(found.backendStart)}] : [];
  });
  if (sessions.length === 0) return [];
  const target: Target = {kind: 'sessions', sessions};
  return [{key: keys.join(' '), target, name: targetName(target, ''), text: sanitise(text)}];
}

const rowOf = ({samples: {backends}}: State, key: string): BackendRow | undefined =>
  backends.rows.find(row => row.key === key);

/** The session at the root of the tree in which this one waits; undefined: it waits for nobody. */
function rootOf(state: State, key: string): BackendRow | undefined {
  let root: BackendRow | undefined;
  for (let at = rowOf(state, key)?.parent; at !== undefined; at = root?.parent) root = rowOf(state, at);
  return root;
}

function words(state: State, key: string): string {
  const row = rowOf(state, key);
  return `pid ${sessionOfKey(key)?.pid ?? ''}${row === undefined ? '' : ` (${row.service})`}`;
}
