import type {Action} from '../actions/action.ts';
import type {Target} from '../actions/target.ts';
import type {SafeText} from '../core/sanitise.ts';
import type {State} from '../model/state.ts';
import {nameOfTarget} from '../store/targets.ts';
import {open, type Response} from './handler.ts';

/** Opens the dialog of the action that is under way, with the focus on Cancel. */
export const SHOW_DIALOG: Response = open({kind: 'act', focus: 'cancel', typed: ''});

/**
 * Plans an action on its only target, or lets the target be chosen. While an action is under way, from its plan to the
 * dismissal of its outcome, the key of any action shows that one.
 */
export function startAction(state: State, action: Action): Response {
  if (state.acting) return SHOW_DIALOG;
  const target = onlyTarget(action);
  if (target) return planAction(action, target, nameOfTarget(state, target));
  return open({kind: 'chooser', actionId: action.id, selected: 0, filter: ''});
}

/** Asks for an action's plan and opens the dialog that will show it. `name`: the target's, as the screen shows it. */
export const planAction = ({id, title}: Action, target: Target, name: SafeText): Response => ({
  ...SHOW_DIALOG,
  effects: [{kind: 'plan', actionId: id, title, target, name}],
});

/** The target that needs no choice, which is also the default of `tradetop maintain`; undefined: it must be chosen. */
const onlyTarget = ({targets, defaultTarget}: Action): Target | undefined =>
  defaultTarget ?? (targets.every(kind => kind === 'database') ? {kind: 'database'} : undefined);
