import type {PaneId} from '../model/ui-state.ts';
import {type KeyContext, note, open, type Response} from './handler.ts';

/** Asks for the plan of a row's statement, and opens the overlay that shows it. */
export function explain(context: KeyContext, pane: PaneId, key: string | undefined): Response {
  const target = key === undefined ? undefined : context.viewport.explains(pane, key);
  if (target === undefined) return note('this row has no statement to explain', context.at);
  return {...open({kind: 'explain', scroll: 0}), effects: [{kind: 'explain', target}]};
}
