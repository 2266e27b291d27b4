import type {Action} from '../actions/action.ts';
import {acknowledgeAction, alertAcknowledgeAction, alertMuteAction} from '../actions/index.ts';
import {sanitise} from '../core/sanitise.ts';
import {type KeyContext, note, type Response} from './handler.ts';
import {rowOfKind} from './row-places.ts';
import {planAction, SHOW_DIALOG} from './start-action.ts';
import {goToPane} from './views.ts';

const PANE = 'alerts';

/** Opens the list of alerts. */
export const openAlerts = (context: KeyContext): Response => goToPane(context, PANE);

/** Opens the dialog that acknowledges the selected alert, or risk event. `selected`: the key of the row that the keys work on. */
export function acknowledgeRow(context: KeyContext, selected: string | undefined): Response {
  const {state, at} = context;
  if (state.ui.focus !== 'risk') return mark(context, selected, alertAcknowledgeAction);
  if (state.acting) return SHOW_DIALOG;
  const id = rowOfKind(context, selected, 'risk', 'event');
  if (id === undefined) return note('this row is no risk event', at);
  const target = {kind: 'rows', schema: 'risk_management', name: 'risk_events', keys: [id]} as const;
  return planAction(acknowledgeAction, target, sanitise(`event ${id}`, 160));
}

/** Opens the dialog that mutes the selected alert for an hour, or brings it back. */
export const muteAlert = (context: KeyContext, selected: string | undefined): Response =>
  mark(context, selected, alertMuteAction);

function mark({state, at}: KeyContext, selected: string | undefined, action: Action): Response {
  if (state.acting) return SHOW_DIALOG;
  if (selected === undefined) return note('there is no alert', at);
  const target = {kind: 'rows', schema: 'shared', name: 'alert_marks', keys: [selected]} as const;
  return planAction(action, target, sanitise(selected, 160));
}
