import type {Action, ActionContext, Prepared} from './action.ts';
import {fact} from './facts.ts';
import {NO_REASON, reasonOf} from './reason.ts';
import {refused} from './refused.ts';

/**
 * Lets this console act, or no longer, for a reason that the audit log keeps. It changes nothing on the server: what a role may
 * do there is the server's to say. The console takes the new state when the record is written.
 */
export const readOnlyAction: Action = {
  id: 'read-only',
  title: 'Read-only',
  key: 'O',
  danger: 'none',
  help: 'Lifts read-only for this console, or sets it, with a reason.',
  targets: ['database'],
  inConsole: true,
  orphan: 'ends',
  prepare: async context => prepare(context),
};

function prepare({options, operator}: ActionContext): Prepared {
  const reason = reasonOf(options.edit);
  if (reason === undefined) return refused(NO_REASON);
  const lifts = options.edit?.readOnly !== true;
  return {
    facts: [
      fact('this console', lifts ? 'read-only → may act' : 'may act → read-only', lifts),
      fact('reason', reason),
      fact('operator', `${operator.osUser} from ${operator.client}`),
    ],
    sql: [],
    refusal: undefined,
    changes: [{key: 'console', before: {read_only: lifts}, after: {read_only: !lifts}}],
    execute: async () => ({
      outcome: 'done',
      rows: undefined,
      summary: lifts ? 'This console may act; O sets read-only again.' : 'This console is read-only; O lifts that.',
    }),
  };
}
