import type {Action} from './action.ts';
import {prepareSessions, type SessionWork} from './prepare-sessions.ts';
import {identityOf} from './session-view.ts';
import {foundSessions} from './signal-sessions.ts';

const work: SessionWork = {
  sql: 'actions/terminate_sessions',
  verb: 'end',
  done: 'ended',
  params: rows => [rows.map(row => identityOf(row).pid), rows.map(row => identityOf(row).backendStart)],
  isOver: () => false,
};

/** Ends a session: its transaction is rolled back and its client loses the connection. */
export const terminateSessionAction: Action = {
  id: 'terminate',
  title: 'End session',
  key: 'K',
  footer: 'end session',
  danger: 'destroys',
  help: 'Ends a session: its transaction is rolled back, and its client has to connect again.',
  targets: ['sessions'],
  orphan: 'ends',
  found: foundSessions,
  prepare: (context, target) => prepareSessions(context, target, work),
};
