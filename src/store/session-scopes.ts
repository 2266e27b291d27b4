import {type Target, targetName} from '../actions/target.ts';
import {count, plural} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoMicros} from '../core/time.ts';
import type {State} from '../model/state.ts';
import type {PaneId, Scope} from '../model/ui-state.ts';
import type {BackendRow} from '../monitor/backends.ts';
import {sessionOfKey} from '../monitor/session-key.ts';

/** The pane of the sessions: the keys of its rows are those of the sessions. */
export const SESSIONS = 'sessions';

/** The panes whose rows can be about a session. */
export const SESSION_PANES: readonly PaneId[] = [SESSIONS, 'slow_queries', 'alerts'];

/**
 * The sessions that a key on a row can mean: that of the row, by its key; where it waits, the root that it waits for; and
 * all that a filter shows. Empty: the row is about none that can be signalled.
 */
export function sessionScopes(state: State, key: string, shown: readonly string[]): readonly Scope[] {
  const root = rootOf(state, key);
  const all = [...new Set(shown)].filter(sessionOfKey);
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
