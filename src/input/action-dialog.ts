import type {Acting} from '../actions/plan.ts';
import {dropLast} from '../core/width.ts';
import {actionKey} from './action-bindings.ts';
import {canRun, takesName} from './confirmation.ts';
import {CLOSE, COMMON, type ContextKeys, type ContextOf, moving, note, open, type Response} from './handler.ts';
import {scrollBy} from './scroll.ts';

/**
 * A dialog takes no `y`, no Enter on Run and no text within this time of its appearance: they were meant for what the
 * screen showed before.
 */
const ARMING_MICROS = 300_000;

const LONGEST = 200;

type Context = ContextOf<'act'>;

const FORGET: Response = {...CLOSE, effects: [{kind: 'dismiss'}]};

/** The keys in the dialog of an action. */
export const ACTION_DIALOG_KEYS: ContextKeys<'act'> = {
  typed: context => (takesName(context.state) ? type(context) : undefined),
  unbound,
  commands: {
    ...COMMON,
    back: ({state, at}) => (state.acting?.phase === 'running' ? leave(state.acting, at) : FORGET),
    ...moving(scrollBy),
    switch: ({overlay}) => open({...overlay, focus: overlay.focus === 'cancel' ? 'run' : 'cancel'}),
    activate,
    confirm: run,
    erase: context => write(context, dropLast(context.overlay.typed)),
    clear: context => write(context, ''),
    cancel_action: ({at}) => ({...note('cancelling on the server', at), effects: [{kind: 'cancelAction'}]}),
  },
};

const write = ({overlay}: Context, typed: string): Response => open({...overlay, typed: typed.slice(0, LONGEST)});

const type = (context: Context): Response =>
  armed(context) ? write(context, context.overlay.typed + context.key) : {};

function unbound({state, at}: Context): Response {
  return state.acting?.phase === 'confirm' ? note('y runs it, Esc does not', at) : {};
}

/** Closes the dialog of a running action. */
const leave = ({actionId}: Acting, at: number): Response => ({
  inputs: [
    {kind: 'overlay', overlay: undefined},
    {kind: 'note', text: `it continues: ${actionKey(actionId) || 'V'} opens it, Ctrl-X cancels it`, at},
  ],
});

function activate(context: Context): Response {
  const {state, overlay} = context;
  if (state.acting?.phase === 'ended') return armed(context) ? FORGET : {};
  // Whoever has typed the name means to run it, and stands on Cancel still.
  if (overlay.focus === 'cancel' && takesName(state) && overlay.typed !== '')
    return note('Tab leads to Run, Enter runs it there; Esc does not run it', context.at);
  return state.acting?.phase === 'confirm' && overlay.focus === 'run' ? run(context) : FORGET;
}

function run(context: Context): Response {
  const {state, overlay, at} = context;
  if (!armed(context)) return {};
  if (canRun(state, overlay.typed)) return {effects: [{kind: 'confirm'}]};
  return note(state.acting?.plan?.refusal ?? `type ${state.acting?.targetName} first`, at);
}

const armed = ({state, at}: Context): boolean => at - (state.acting?.since ?? at) >= ARMING_MICROS;
