import type {Target} from '../actions/action.ts';
import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {State} from '../model/state.ts';
import type {PaneId, UiState} from '../model/ui-state.ts';
import type {UiInput} from '../store/ui.ts';
import type {Binding} from './bindings.ts';
import type {Key} from './keys.ts';

/** What a key asks of the world; the screen's own changes are in the UiState. */
export type Effect =
  | {readonly kind: 'quit'}
  | {readonly kind: 'refresh'}
  | {readonly kind: 'verify'}
  | {
      readonly kind: 'plan';
      readonly actionId: string;
      readonly title: string;
      readonly target: Target;
      readonly name: SafeText;
    }
  /** Run the action whose plan the dialog shows. */
  | {readonly kind: 'confirm'}
  /** Cancel the running action on the server. */
  | {readonly kind: 'cancelAction'}
  /** Forget an action that was not run, or that has ended. */
  | {readonly kind: 'dismiss'}
  | {readonly kind: 'copy'; readonly text: string}
  | {readonly kind: 'setRefresh'; readonly ms: number}
  | {readonly kind: 'repaint'}
  | {readonly kind: 'suspend'};

/** What the keys must know of the screen that the user sees. */
export type Viewport = {
  /** Every pane, in the order of Tab, with the digit that goes to it; empty: none does. */
  readonly panes: readonly {readonly id: PaneId; readonly title: string; readonly key: Key}[];
  /** The panes of the grid; `Esc` leads to the first of them. */
  readonly grid: readonly PaneId[];
  /** Identities of a pane's rows, filtered and ordered as they stand. */
  readonly keys: (pane: PaneId) => readonly string[];
  /** The columns that a pane can be ordered by, as they stand. */
  readonly sorts: (pane: PaneId) => readonly {readonly id: string; readonly title: string}[];
  /** What `y` copies of a row. */
  readonly copy: (pane: PaneId, key: string) => string | undefined;
  /** Rows of the focused pane, or lines of the overlay, that are seen at once. */
  readonly page: number;
  /** How far the overlay can be scrolled. */
  readonly scrollMax: number;
};

/** What one key did: the new UiState where it changed, and what is asked of the world, in order. */
export type KeyResult = {readonly ui?: UiState; readonly effects: readonly Effect[]};

/** What a command gives: changes of the UiState, and effects. */
export type Response = {readonly inputs?: readonly UiInput[]; readonly effects?: readonly Effect[]};

/** All that a command may look at. */
export type KeyContext = {readonly state: State; readonly at: Micros; readonly viewport: Viewport};

/** A short word to the user. */
export const note = (text: string, at: Micros): Response => ({inputs: [{kind: 'note', text, at}]});

/** Copies a text and says so. */
export const copied = (text: string, at: Micros): Response => ({
  inputs: [{kind: 'note', text: `copied ${text.length} characters`, at}],
  effects: [{kind: 'copy', text}],
});

/** What the keys that mean the same everywhere ask for. */
export function handleCommonKey(binding: Binding): Response | undefined {
  if (binding.id === 'quit_now') return {effects: [{kind: 'quit'}]};
  if (binding.id === 'repaint') return {effects: [{kind: 'repaint'}]};
  return binding.id === 'suspend' ? {effects: [{kind: 'suspend'}]} : undefined;
}
