import {sanitise} from '../core/sanitise.ts';
import {nameOfTarget} from '../store/targets.ts';
import {actionOf} from './action-bindings.ts';
import {formOf} from './forms.ts';
import {CLOSE, COMMON, type ContextKeys, type ContextOf, note, open, type Response} from './handler.ts';
import {planAction} from './start-action.ts';
import {EDITING, typeKey} from './text-line.ts';

/** The keys in a form. */
export const FORM_KEYS: ContextKeys<'form'> = {
  typed: typeKey,
  commands: {
    ...COMMON,
    ...EDITING,
    back: () => CLOSE,
    next_field: context => move(context, 1),
    previous_field: context => move(context, -1),
    apply,
  },
};

function move({overlay}: ContextOf<'form'>, by: 1 | -1): Response {
  const fields = Object.keys(overlay.values).length;
  return open({...overlay, at: (overlay.at + by + fields) % fields});
}

/** Plans the action with what was typed: its dialog shows what would be done, or what is wrong with it. */
function apply({state, overlay, at}: ContextOf<'form'>): Response {
  const {actionId, values, row, begun} = overlay;
  const action = actionOf(actionId);
  const submitted = formOf(actionId)?.submit(values, row, begun);
  if (action === undefined || submitted === undefined) return CLOSE;
  if (typeof submitted === 'string') return note(submitted, at);
  const {target, options} = submitted;
  return planAction(action, target, sanitise(nameOfTarget(state, target), 160), options);
}
