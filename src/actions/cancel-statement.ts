import type {Action} from './action.ts';
import {prepareSessions, type SessionWork} from './prepare-sessions.ts';
import {identityOf} from './session-view.ts';
import {foundSessions, queryStart} from './signal-sessions.ts';

const isBusy = (state: unknown): boolean => state === 'active' || state === 'fastpath function call';

const work: SessionWork = {
  sql: 'actions/cancel_sessions',
  verb: 'cancel',
  done: 'stopped',
  params: rows => [
    rows.map(row => identityOf(row).pid),
    rows.map(row => identityOf(row).backendStart),
    rows.map(queryStart),
  ],
  isOver: (before, now) => now.active !== true || queryStart(now) !== queryStart(before),
  noWork: ({state}) =>
    isBusy(state) ? undefined : `runs nothing (${state || 'idle'}): only its end frees what it holds`,
};

/** Cancels the statement that a session runs; the session stays, its transaction fails and gives its locks back. */
export const cancelStatementAction: Action = {
  id: 'cancel',
  title: 'Cancel statement',
  key: 'C',
  footer: 'cancel',
  danger: 'destroys',
  help: 'Cancels the statement that a session runs; its transaction fails, and the session stays.',
  targets: ['sessions'],
  orphan: 'ends',
  found: foundSessions,
  prepare: (context, target) => prepareSessions(context, target, work),
};
