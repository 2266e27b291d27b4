import type {Action} from '../actions/action.ts';
import type {Target} from '../actions/target.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {nameOfTarget} from '../store/targets.ts';
import {type KeyContext, note, open, type Response} from './handler.ts';
import {scopesOfRow} from './session-rows.ts';

/** Opens the dialog of the action that is under way, with the focus on Cancel. */
export const SHOW_DIALOG: Response = open({kind: 'act', focus: 'cancel', typed: ''});

/**
 * Plans an action on its only target, or lets the target be chosen; `selected` is the row that the keys work on. While an action is under way, from its plan to the
 * dismissal of its outcome, the key of any action shows that one.
 */
export function startAction(context: KeyContext, action: Action, selected: string | undefined): Response {
  const {state} = context;
  if (state.acting) return SHOW_DIALOG;
  if (action.targets.includes('sessions')) return startOnSessions(context, action, selected);
  if (action.targets.includes('slot')) return startOnSlot(context, action, selected);
  const target = onlyTarget(action);
  if (target) return planAction(action, target, nameOfTarget(state, target));
  return open({kind: 'chooser', actionId: action.id, selected: 0, filter: ''});
}

function startOnSessions(context: KeyContext, action: Action, selected: string | undefined): Response {
  const scopes = scopesOfRow(context, selected);
  const [only, more] = scopes;
  if (only === undefined) return note('this row has no session that could be signalled', context.at);
  if (more === undefined) return planAction(action, only.target, only.name);
  return open({kind: 'chooser', actionId: action.id, selected: 0, filter: '', scopes});
}

/** A row of the Server pane has a slot's name in its key, and an alert leads there. */
function startOnSlot({state, viewport, at}: KeyContext, action: Action, selected = ''): Response {
  const {focus} = state.ui;
  const key = focus === 'server' ? selected : viewport.lead(focus, selected)?.key;
  const [, name] = /^slot (.+)$/s.exec(key ?? '') ?? [];
  return name === undefined
    ? note('this row is no replication slot', at)
    : planAction(action, {kind: 'slot', name}, sanitise(name));
}

/** Asks for an action's plan and opens the dialog that will show it. `name`: the target's, as the screen shows it. */
export const planAction = ({id, title}: Action, target: Target, name: SafeText): Response => ({
  ...SHOW_DIALOG,
  effects: [{kind: 'plan', actionId: id, title, target, name}],
});

/** The target that needs no choice, which is also the default of `tradetop maintain`; undefined: it must be chosen. */
const onlyTarget = ({targets, defaultTarget}: Action): Target | undefined =>
  defaultTarget ?? (targets.every(kind => kind === 'database') ? {kind: 'database'} : undefined);
