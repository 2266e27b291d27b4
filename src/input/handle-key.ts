import type {Micros} from '../core/time.ts';
import type {State} from '../model/state.ts';
import type {UiState} from '../model/ui-state.ts';
import {reduceUi} from '../store/ui.ts';
import {ACTION_DIALOG_KEYS} from './action-dialog.ts';
import type {Context} from './binding.ts';
import {type Binding, bindingOf, type CommandId, contextOf} from './bindings.ts';
import {CHOOSER_KEYS} from './chooser.ts';
import type {KeyResult, Viewport} from './effect.ts';
import {FILTER_KEYS} from './filter.ts';
import {FORM_KEYS} from './form.ts';
import {type ContextKeys, type KeyContext, note, type Response} from './handler.ts';
import {HISTORY_KEYS} from './history.ts';
import {isText, type Key, keyLabel} from './keys.ts';
import {PALETTE_KEYS} from './palette.ts';
import {PANE_KEYS} from './panes.ts';
import {READING_KEYS} from './reading.ts';
import {REJECTS_KEYS} from './rejects.ts';
import {hasText, pasteText} from './text-line.ts';

/** How each context takes keys. @internal */
export const CONTEXTS: {readonly [C in Context]: ContextKeys<C>} = {
  panes: PANE_KEYS,
  filter: FILTER_KEYS,
  chooser: CHOOSER_KEYS,
  palette: PALETTE_KEYS,
  form: FORM_KEYS,
  act: ACTION_DIALOG_KEYS,
  rejects: REJECTS_KEYS,
  help: READING_KEYS,
  details: READING_KEYS,
  history: HISTORY_KEYS,
  checks: READING_KEYS,
  reject: READING_KEYS,
  explain: READING_KEYS,
  waits: READING_KEYS,
  report: READING_KEYS,
  trace: READING_KEYS,
  position: READING_KEYS,
};

/**
 * Handles one key. Pure: the same state, key, time and screen always give the same answer. `viewportOf` tells how the
 * screen shows a State.
 */
export function handleKey(state: State, key: Key, at: Micros, viewportOf: (state: State) => Viewport): KeyResult {
  const response = respond(state, key, at, viewportOf(state));
  const result = settle(state.ui, response);
  if (response.nextKey === undefined) return result;
  const ui = result.ui ?? state.ui;
  const next = handleKey({...state, ui}, response.nextKey, at, viewportOf);
  return {ui: next.ui ?? ui, effects: [...result.effects, ...next.effects]};
}

/**
 * Handles pasted text: it is typed into a filter, and never commands. The clipboard cannot give the name that must be
 * typed to confirm an action.
 */
export function handlePaste(state: State, text: string, at: Micros): KeyResult {
  const {overlay} = state.ui;
  return settle(state.ui, hasText(overlay) ? pasteText(overlay, text) : note('text cannot be pasted here', at));
}

/** A context's keys, without the kind of its overlay: `contextOf` goes by that. */
type AnyContextKeys = Pick<ContextKeys<Context>, 'typed' | 'unbound'> & {
  readonly commands: Readonly<Partial<Record<CommandId, (context: KeyContext, binding: Binding) => Response>>>;
};

function respond(state: State, key: Key, at: Micros, viewport: Viewport): Response {
  const where = contextOf(state);
  const {commands, typed, unbound} = CONTEXTS[where] as unknown as AnyContextKeys;
  const context = {state, at, viewport, key, overlay: state.ui.overlay} as KeyContext;
  const writing = isText(key) ? typed?.(context) : undefined;
  if (writing) return writing;
  const binding = bindingOf(key, where);
  if (binding === undefined) return unbound?.(context) ?? {};
  const why = binding.why(state);
  if (why !== undefined) return note(`${keyLabel(key)} ${binding.label}: ${why}`, at);
  return commands[binding.id]?.(context, binding) ?? {};
}

function settle(ui: UiState, {inputs = [], effects = []}: Response): KeyResult {
  const next = inputs.reduce(reduceUi, ui);
  return next === ui ? {effects} : {ui: next, effects};
}
