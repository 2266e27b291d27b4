import {sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {State} from '../model/state.ts';
import type {Overlay, UiState} from '../model/ui-state.ts';
import {reduceUi} from '../store/ui.ts';
import {handleActionKey} from './action-dialog.ts';
import {type Binding, bindingOf, contextOf} from './bindings.ts';
import {
  copied,
  handleCommonKey,
  type KeyContext,
  type KeyResult,
  note,
  type Response,
  type Viewport,
} from './effect.ts';
import {isText, type Key, keyLabel} from './keys.ts';
import {handlePaneKey} from './panes.ts';
import {handleRejectsKey, rejectOf} from './rejects.ts';
import {handleTypingKey, typed} from './typing.ts';

/** Handles one key. Pure: the same state, key, time and viewport always give the same answer. */
export function handleKey(state: State, key: Key, at: Micros, viewport: Viewport): KeyResult {
  return settle(state.ui, respond({state, at, viewport}, key));
}

/**
 * Handles pasted text: it is typed into a filter, and never commands. A name that must be typed to confirm is not
 * taken from the clipboard.
 */
export function handlePaste(state: State, text: string, at: Micros): KeyResult {
  const line = sanitise(text, 200).trim();
  const {overlay} = state.ui;
  if (overlay?.kind === 'filter') return settle(state.ui, typed(overlay, overlay.text + line));
  if (overlay?.kind === 'chooser') return settle(state.ui, typed(overlay, overlay.filter + line));
  return settle(state.ui, note('pasted text is not taken here', at));
}

function respond(moment: KeyContext, key: Key): Response {
  const {state, at} = moment;
  const context = contextOf(state);
  if ((context === 'filter' || context === 'chooser') && isText(key)) return handleTypingKey(moment, key, undefined);
  if (context === 'act') return handleActionKey(moment, key, bindingOf(key, context));
  const binding = bindingOf(key, context);
  if (binding === undefined)
    return context === 'panes' ? note(`${keyLabel(key)} does nothing here: ? for help`, at) : {};
  return handleCommonKey(binding) ?? refused(binding, moment) ?? dispatch(moment, key, binding, context);
}

function dispatch(moment: KeyContext, key: Key, binding: Binding, context: string): Response {
  if (context === 'filter' || context === 'chooser') return handleTypingKey(moment, key, binding);
  if (context === 'rejects') return handleRejectsKey(moment, binding);
  return context === 'panes' ? handlePaneKey(moment, key, binding) : handleReadingKey(moment, binding);
}

function refused(binding: Binding, {state, at}: KeyContext): Response | undefined {
  const why = binding.why(state);
  return why === undefined ? undefined : note(`${keyLabel(binding.keys[0] ?? '')} ${binding.label}: ${why}`, at);
}

/** Help, details, the report and the refused message: they are scrolled, copied and closed. */
function handleReadingKey({state, at, viewport}: KeyContext, {id}: Binding): Response {
  const {overlay} = state.ui;
  if (overlay === undefined || !('scroll' in overlay)) return {};
  const to = (place: number): Response => ({
    inputs: [{kind: 'overlay', overlay: {...overlay, scroll: Math.max(0, Math.min(place, viewport.scrollMax))}}],
  });
  // A screen that has grown shows more than when it was scrolled.
  const now = Math.min(overlay.scroll, viewport.scrollMax);
  if (id === 'up' || id === 'down') return to(now + (id === 'up' ? -1 : 1));
  if (id === 'page_up' || id === 'page_down') return to(now + (id === 'page_up' ? -viewport.page : viewport.page));
  if (id === 'first' || id === 'last') return to(id === 'first' ? 0 : viewport.scrollMax);
  if (id === 'verify') return {effects: [{kind: 'verify'}]};
  if (id === 'back') return {inputs: [{kind: 'overlay', overlay: under(overlay)}]};
  if (id !== 'copy') return {};
  const text =
    overlay.kind === 'details'
      ? viewport.copy(overlay.pane, overlay.key)
      : overlay.kind === 'reject'
        ? rejectOf(state, overlay.number)?.text
        : undefined;
  return text === undefined ? note('nothing to copy', at) : copied(text, at);
}

// A message is looked at from the list of them.
const under = (overlay: Overlay): Overlay | undefined =>
  overlay.kind === 'reject' ? {kind: 'rejects', selected: overlay.number} : undefined;

function settle(ui: UiState, response: Response): KeyResult {
  const next = (response.inputs ?? []).reduce(reduceUi, ui);
  const effects = response.effects ?? [];
  return next === ui ? {effects} : {ui: next, effects};
}
