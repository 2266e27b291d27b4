import type {Action} from '../actions/action.ts';
import {alertAcknowledgeAction, alertMuteAction} from '../actions/index.ts';
import {sanitise} from '../core/sanitise.ts';
import {type KeyContext, note, type Response} from './handler.ts';
import {planAction, SHOW_DIALOG} from './start-action.ts';
import {goToPane} from './views.ts';

const PANE = 'alerts';

/** Opens the list of alerts. */
export const openAlerts = (context: KeyContext): Response => goToPane(context, PANE);

/** Opens the dialog that acknowledges the selected alert. `selected`: the key of the row that the keys work on. */
export const acknowledgeAlert = (context: KeyContext, selected: string | undefined): Response =>
  mark(context, selected, alertAcknowledgeAction);

/** Opens the dialog that mutes the selected alert for an hour, or brings it back. */
export const muteAlert = (context: KeyContext, selected: string | undefined): Response =>
  mark(context, selected, alertMuteAction);

function mark({state, at}: KeyContext, selected: string | undefined, action: Action): Response {
  if (state.acting) return SHOW_DIALOG;
  if (selected === undefined) return note('there is no alert', at);
  const target = {kind: 'rows', schema: 'shared', name: 'alert_marks', keys: [selected]} as const;
  return planAction(action, target, sanitise(selected, 160));
}
