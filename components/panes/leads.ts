import {rejectNaming} from '../../src/input/rejects.ts';
import type {State} from '../../src/model/state.ts';
import type {Lead, PaneId} from '../../src/model/ui-state.ts';
import {paneUi} from '../../src/store/ui.ts';
import {paneOf} from './index.ts';

/**
 * What a row leads to from where one stands: its lead; of several the first that has rows and that one has not followed
 * yet. Undefined: nothing.
 */
export function leadOf(state: State, pane: PaneId, key: string): Lead | undefined {
  const leads = paneOf(pane).leads(state, key);
  if (leads.length <= 1) return leads[0];
  const here = JSON.stringify(paneUi(state.ui, pane).where);
  const followed = leads.findIndex(lead => lead.pane === pane && JSON.stringify(lead.where) === here);
  return leads.slice(followed + 1).find(lead => lead.always || hasRows(state, lead));
}

function hasRows(state: State, {pane, key, where, list}: Lead): boolean {
  if (list !== undefined)
    return list.kind !== 'rejects' || list.id === undefined || rejectNaming(state, list.id) !== undefined;
  if (key !== undefined) return paneOf(pane).has(state, key);
  const there = {...paneUi(state.ui, pane), filter: '', where};
  return paneOf(pane).keys({...state, ui: {...state.ui, panes: {...state.ui.panes, [pane]: there}}}).length > 0;
}
