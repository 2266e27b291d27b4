import type {Target} from '../actions/target.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Scope} from '../model/ui-state.ts';
import type {KeyContext} from './handler.ts';
import {rowOfKind} from './row-places.ts';

/** What can be done to the selected event in quarantine, and to all of them. Empty: the row is about none. */
export function quarantineScopes(context: KeyContext, selected: string | undefined): readonly Scope[] {
  const id = rowOfKind(context, selected, 'sync', 'quarantine');
  if (id === undefined) return [];
  const target: Target = {kind: 'rows', schema: 'analytics', name: 'sync_quarantine', keys: [id]};
  const name = sanitise(`event ${id}`, 60);
  const scope = (key: string, actionId: string, text: string): Scope => ({
    key,
    actionId,
    target,
    name,
    text: sanitise(text),
  });
  return [
    scope('retry', 'retry-event', `${name}: apply it again`),
    scope('accept', 'accept-quarantine', `${name}: accept it, although it contradicts the books`),
    scope('reject', 'reject-quarantine', `${name}: reject it for good`),
    {
      key: 'all',
      target: {kind: 'database'},
      name: sanitise('all events'),
      text: sanitise('all events: apply them again'),
    },
  ];
}
