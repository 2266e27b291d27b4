import type {Action} from '../actions/action.ts';
import type {ActionOptions} from '../actions/plan.ts';
import {setConfigAction} from '../actions/set-config.ts';
import type {Target} from '../actions/target.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {SESSIONS} from '../store/session-scopes.ts';
import {nameOfTarget, targetOfTableRow} from '../store/targets.ts';
import {actionOf} from './action-bindings.ts';
import {formOf} from './forms.ts';
import {type KeyContext, note, open, type Response} from './handler.ts';
import {quarantineScopes} from './quarantine-rows.ts';
import {placesOf, rowOfKind} from './row-places.ts';
import {scopesOfRow} from './session-rows.ts';

/** Opens the dialog of the action that is under way, with the focus on Cancel. */
export const SHOW_DIALOG: Response = open({kind: 'act', focus: 'cancel', typed: ''});

/**
 * Plans an action on its only target, or lets the target be chosen; `selected` is the row that the keys work on. While an action is under way, from its plan to the
 * dismissal of its outcome, the key of any action shows that one.
 */
export function startAction(context: KeyContext, asked: Action, selected: string | undefined): Response {
  const {state} = context;
  const action = onRow(context, asked, selected);
  if (state.acting) return SHOW_DIALOG;
  if (action.id === setConfigAction.id) return open({kind: 'chooser', actionId: action.id, selected: 0, filter: ''});
  if (formOf(action.id)) return openForm(context, action, selected);
  if (action.targets.includes('sessions')) return startOnSessions(context, action, selected);
  if (action.targets.includes('slot')) return startOnSlot(context, action, selected);
  const scopes = action.id === 'retry-quarantine' ? quarantineScopes(context, selected) : [];
  if (scopes.length > 0) return open({kind: 'chooser', actionId: action.id, selected: 0, filter: '', scopes});
  const target = onlyTarget(action);
  if (target) return planAction(action, target, nameOfTarget(state, target));
  const row = rowTarget(context, selected);
  if (row?.kind === 'index' && action.targets.includes('index'))
    return planAction(action, row, nameOfTarget(state, row));
  const key = row?.kind === 'table' ? {key: `table:${sanitise(`${row.schema}.${row.name}`)}`} : {};
  return open({kind: 'chooser', actionId: action.id, selected: 0, filter: '', ...key});
}

/** What the keys of risk limits mean on a position limit. */
const ON_POSITION_LIMITS: Readonly<Record<string, string>> = {
  'set-limit': 'set-position-limit',
  'new-limit': 'new-position-limit',
};

/** The action that a key means on the selected row. */
const onRow = (context: KeyContext, action: Action, selected: string | undefined): Action => {
  const isPosition = rowOfKind(context, selected, 'risk', 'position') !== undefined;
  return (isPosition && actionOf(ON_POSITION_LIMITS[action.id] ?? '')) || action;
};

/** The table or index that the selected row is about, or leads to. */
const rowTarget = (context: KeyContext, selected: string | undefined): Target | undefined => {
  const place = placesOf(context, selected).find(({pane}) => pane === 'tables');
  return place && targetOfTableRow(context.state, place.key);
};

/** Opens the form of an action, filled in with what the selected row says. */
export function openForm(context: KeyContext, action: Action, selected: string | undefined): Response {
  const begun = formOf(action.id)?.begin(context, selected) ?? '';
  if (typeof begun === 'string') return note(begun, context.at);
  const {values, ...of} = begun;
  return open({kind: 'form', actionId: action.id, ...of, begun: values, values, at: 0});
}

function startOnSessions(context: KeyContext, action: Action, selected: string | undefined): Response {
  const scopes = scopesOfRow(context, selected);
  const [only, more] = scopes;
  if (only === undefined) {
    const {focus} = context.state.ui;
    const leadsThere = selected !== undefined && context.viewport.lead(focus, selected)?.pane === SESSIONS;
    const why = leadsThere
      ? 'go on to its sessions by →, and choose there'
      : 'this row has no session that could be signalled';
    return note(why, context.at);
  }
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
export const planAction = ({id, title}: Action, target: Target, name: SafeText, options?: ActionOptions): Response => ({
  ...SHOW_DIALOG,
  effects: [{kind: 'plan', actionId: id, title, target, name, ...(options ? {options} : {})}],
});

/** The target that needs no choice, which is also the default of `tradetop maintain`; undefined: it must be chosen. */
const onlyTarget = ({targets, defaultTarget}: Action): Target | undefined =>
  defaultTarget ?? (targets.every(kind => kind === 'database') ? {kind: 'database'} : undefined);
