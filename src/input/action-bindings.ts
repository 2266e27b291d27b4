import type {Action} from '../actions/action.ts';
import * as registered from '../actions/index.ts';
import type {State} from '../model/state.ts';
import type {PaneId} from '../model/ui-state.ts';
import {SESSION_PANES} from '../store/session-scopes.ts';
import type {BindingSpec} from './binding.ts';
import type {Key} from './keys.ts';

/** The actions that a key can start. */
export const ACTIONS: readonly Action[] = Object.values(registered);

/** An action by its id; undefined: there is none. */
export const actionOf = (id: string): Action | undefined => ACTIONS.find(action => action.id === id);

/** The key that starts an action and shows it while it is under way; empty: it has none. */
export const actionKey = (id: string): Key => actionOf(id)?.key ?? '';

const READ_ONLY = 'read-only: O lifts that, with a reason';
const NO_ALERT = 'there is no alert';

/** The binding that an action's own declaration makes; none where it names no key. */
export const actionBindings = (actions: readonly Action[]) =>
  actions
    .filter(action => action.key !== '')
    .map(
      action =>
        ({
          id: 'start_action',
          keys: [action.key],
          group: 'act',
          in: ['panes'],
          ...(action.footer === undefined ? {} : {footer: 3}),
          label: action.footer ?? action.title,
          help: actionHelp(action),
          danger: action.danger,
          why: state => whyNoAction(state, action),
          action,
        }) as const satisfies BindingSpec,
    );

/** What an action does, for help and palette: `ANALYZE: updates the planner’s statistics`. */
export const actionHelp = ({title, help}: Action): string => `${title}: ${clause(help)}`;

/** Why an action cannot be started now; undefined: it can. One that is under way is shown instead. */
export const whyNoAction = ({ui, acting, alerts}: State, action: Action): string | undefined =>
  acting
    ? undefined
    : ui.readOnly && !action.inConsole
      ? READ_ONLY
      : (whyNoRow(action, ui.focus) ??
        (ui.focus === 'alerts' && alerts.length === 0 && action.targets.includes('sessions') ? NO_ALERT : undefined));

/** Why an action cannot be meant by the rows of a pane; undefined: it can. */
const whyNoRow = ({id, targets}: Action, pane: PaneId): string | undefined =>
  targets.includes('sessions') && !SESSION_PANES.includes(pane)
    ? 'select a session in Sessions, Slow queries or Alerts'
    : targets.includes('slot') && pane !== 'server' && pane !== 'alerts'
      ? 'select a slot in Server or Alerts'
      : (id === 'set-limit' || id === 'set-position-limit') && pane !== 'risk' && pane !== 'alerts'
        ? 'select a limit in Risk or Alerts'
        : undefined;

/** A sentence as it reads after a colon: `Removes dead rows.` is `removes dead rows`. */
const clause = (sentence: string): string =>
  sentence.replace(/^\p{Lu}(?=\p{Ll})/u, first => first.toLowerCase()).replace(/\.$/, '');

/** The keys beside those of the actions that act on a server. */
export const VERIFY_BINDING = {
  id: 'verify',
  keys: ['v'],
  group: 'act',
  in: ['panes', 'checks'],
  footer: 3,
  label: 'verify',
  help: 'verify set-up, data and server, and show the report',
  why: ({checks}) => (checks.running ? 'verification is running' : undefined),
} as const satisfies BindingSpec;

/** Why the row of one of these panes cannot be marked now; undefined: it can. */
const whyNoMark =
  (...panes: readonly PaneId[]) =>
  ({ui, acting, alerts}: State): string | undefined =>
    !panes.includes(ui.focus)
      ? 'go to the alerts by !'
      : ui.readOnly && !acting
        ? READ_ONLY
        : ui.focus === 'alerts' && alerts.length === 0
          ? NO_ALERT
          : undefined;

/** The keys on an alert, and on a risk event. */
export const ALERT_BINDINGS = [
  {
    id: 'acknowledge',
    keys: ['a'],
    group: 'act',
    in: ['panes'],
    footer: 2,
    label: 'ack',
    help: 'acknowledge the selected alert, for all consoles, until it ends; in Risk the selected event',
    why: whyNoMark('alerts', 'risk'),
  },
  {
    id: 'mute',
    keys: ['m'],
    group: 'act',
    in: ['panes'],
    footer: 2,
    label: 'mute',
    help: 'mute the selected alert for an hour, for all consoles, or bring it back',
    why: whyNoMark('alerts'),
  },
] as const satisfies readonly BindingSpec[];

export const CANCEL_BINDING = {
  id: 'cancel_action',
  keys: ['ctrl-x'],
  group: 'act',
  in: ['panes', 'act'],
  footer: 1,
  label: 'cancel it',
  help: 'cancel the running action on the server',
  why: ({acting}) => (acting?.phase === 'running' ? undefined : 'nothing is running'),
} as const satisfies BindingSpec;
