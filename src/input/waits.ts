import {type KeyContext, note, open, type Response} from './handler.ts';
import {scopesOfRow} from './session-rows.ts';

/** Samples what the session of a row waits for, and opens the overlay that shows it. */
export function profileSession(context: KeyContext, key: string | undefined): Response {
  const target = scopesOfRow(context, key)[0]?.target;
  const session = target?.kind === 'sessions' ? target.sessions[0] : undefined;
  if (session === undefined) return note('this row is about no session that is known', context.at);
  return {...open({kind: 'waits', scroll: 0}), effects: [{kind: 'profile', session}]};
}
