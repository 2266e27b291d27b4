import type {Acting} from '../actions/plan.ts';
import {dropLast} from '../core/width.ts';
import type {State} from '../model/state.ts';
import type {Overlay} from '../model/ui-state.ts';
import type {Binding} from './bindings.ts';
import {handleCommonKey, type KeyContext, note, type Response} from './effect.ts';
import {isText, type Key} from './keys.ts';

/**
 * A dialog takes no `y` and no Enter on Run that was pressed within this time of its appearance: it was meant for
 * what the screen showed before.
 */
export const ARMING_MICROS = 300_000;

type Act = Extract<Overlay, {kind: 'act'}>;

const CLOSE = {kind: 'overlay', overlay: undefined} as const;
const FORGET: Response = {inputs: [CLOSE], effects: [{kind: 'dismiss'}]};

/** Whether this action's target must be typed before it runs. */
export const mustType = (state: State): boolean => state.about.environment === 'prod';

/** Whether the dialog's Run can be pressed: there is a plan, nothing speaks against it, and its target was typed where it must be. */
export function canRun(state: State, typed: string): boolean {
  const plan = state.acting?.phase === 'confirm' ? state.acting.plan : undefined;
  if (plan === undefined || plan.refusal !== undefined) return false;
  return !mustType(state) || typed === plan.targetName;
}

/** A key in the dialog of an action. */
export function handleActionKey(moment: KeyContext, key: Key, binding: Binding | undefined): Response {
  const {overlay} = moment.state.ui;
  const {acting} = moment.state;
  if (overlay?.kind !== 'act' || acting === undefined) return {};
  const common = binding && handleCommonKey(binding);
  if (common) return common;
  if (acting.phase === 'confirm') return confirm(moment, acting, overlay, key, binding);
  if (acting.phase === 'running') return running(moment, key, binding);
  if (acting.phase === 'planning') return binding?.id === 'back' || binding?.id === 'press' ? FORGET : {};
  const leaving = binding?.id === 'back' || key === 'q' || (binding?.id === 'press' && armed(moment, acting));
  return leaving ? FORGET : {};
}

function confirm(moment: KeyContext, acting: Acting, overlay: Act, key: Key, binding: Binding | undefined): Response {
  const {state, at} = moment;
  const typing = mustType(state) && acting.plan?.refusal === undefined;
  const write = (typed: string): Response => ({inputs: [{kind: 'overlay', overlay: {...overlay, typed}}]});
  if (binding?.id === 'back') return FORGET;
  if (typing && isText(key)) return armed(moment, acting) ? write((overlay.typed + key).slice(0, 200)) : {};
  if (typing && binding?.id === 'erase') return write(dropLast(overlay.typed));
  if (typing && binding?.id === 'clear') return write('');
  if (binding?.id === 'switch') {
    const focus = overlay.focus === 'cancel' && acting.plan?.refusal === undefined ? 'run' : 'cancel';
    return {inputs: [{kind: 'overlay', overlay: {...overlay, focus}}]};
  }
  if (binding?.id === 'press') {
    if (overlay.focus === 'cancel') return FORGET;
    return run(moment, acting, overlay.typed);
  }
  if (key === 'n' || key === 'q') return FORGET;
  return binding?.id === 'confirm' ? run(moment, acting, overlay.typed) : note('y runs it, Esc does not', at);
}

function run(moment: KeyContext, acting: Acting, typed: string): Response {
  if (!armed(moment, acting)) return {};
  if (canRun(moment.state, typed)) return {effects: [{kind: 'confirm'}]};
  const refusal = acting.plan?.refusal;
  return note(refusal ?? `type ${acting.targetName} first`, moment.at);
}

function running({at}: KeyContext, key: Key, binding: Binding | undefined): Response {
  if (binding?.id === 'cancel_action') {
    return {inputs: [{kind: 'note', text: 'cancelling on the server', at}], effects: [{kind: 'cancelAction'}]};
  }
  if (binding?.id !== 'back' && key !== 'q') return {};
  return {inputs: [CLOSE, {kind: 'note', text: 'it goes on: V shows it, Ctrl-X cancels it', at}]};
}

const armed = ({at}: KeyContext, acting: Acting): boolean => at - acting.since >= ARMING_MICROS;
