import type {Danger} from '../actions/plan.ts';
import type {State} from '../model/state.ts';
import {ACTIONS, ALERT_BINDINGS, actionBindings, CANCEL_BINDING, VERIFY_BINDING} from './action-bindings.ts';
import type {BindingSpec, Context} from './binding.ts';
import type {Key} from './keys.ts';
import {DIALOG_BINDINGS, LEAVE_BINDINGS} from './overlay-bindings.ts';
import {PANE_BINDINGS} from './pane-bindings.ts';
import {REPORT_BINDINGS} from './report-bindings.ts';

const SPECS = [
  ...PANE_BINDINGS,
  ...REPORT_BINDINGS,
  VERIFY_BINDING,
  ...actionBindings(ACTIONS),
  ...ALERT_BINDINGS,
  CANCEL_BINDING,
  ...DIALOG_BINDINGS,
  ...LEAVE_BINDINGS,
];

type Spec = (typeof SPECS)[number];
type IdIn<S, C> = S extends {id: infer Id; in: readonly (infer Claimed)[]} ? (C extends Claimed ? Id : never) : never;

/** What a key can ask for. */
export type CommandId = Spec['id'];

/** The commands that a context must have handlers for. */
export type CommandIn<C extends Context> = IdIn<Spec, C>;

/** Keys and the command that they give. */
export type Binding = Omit<BindingSpec, 'id' | 'danger' | 'why'> & {
  readonly id: CommandId;
  readonly danger: Danger;
  readonly why: (state: State) => string | undefined;
};

/**
 * Every key of the console: the one list that dispatcher, footer, help, palette and README read. Lower case looks, upper
 * case acts.
 */
export const BINDINGS: readonly Binding[] = SPECS.map(spec => ({danger: 'none', why: () => undefined, ...spec}));

/** Where the next key goes. The dialog of an action that is gone no longer takes keys. */
export function contextOf(state: State): Context {
  const {overlay} = state.ui;
  if (overlay === undefined) return 'panes';
  return overlay.kind === 'act' && state.acting === undefined ? 'panes' : overlay.kind;
}

/** The bindings of a context, in the order of the list. */
export const bindingsIn = (context: Context): readonly Binding[] =>
  BINDINGS.filter(({in: where}) => where.includes(context));

/** What a key does in a context; undefined: nothing. */
export const bindingOf = (key: Key, context: Context): Binding | undefined =>
  bindingsIn(context).find(({keys}) => keys.includes(key));
