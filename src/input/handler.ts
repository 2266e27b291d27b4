import type {Micros} from '../core/time.ts';
import type {State} from '../model/state.ts';
import type {Overlay} from '../model/ui-state.ts';
import type {UiInput} from '../store/ui.ts';
import type {Context} from './binding.ts';
import type {Binding, CommandIn} from './bindings.ts';
import type {Effect, Viewport} from './effect.ts';
import type {Key} from './keys.ts';

/** What a command gives: changes of the UiState, and effects. */
export type Response = {
  readonly inputs?: readonly UiInput[];
  readonly effects?: readonly Effect[];
  /** A key to handle next, on the screen that these changes leave. */
  readonly nextKey?: Key;
};

/** Everything that a handler may look at. */
export type KeyContext<O extends Overlay | undefined = Overlay | undefined> = {
  readonly state: State;
  readonly at: Micros;
  readonly viewport: Viewport;
  readonly key: Key;
  /** The overlay that has the keys. */
  readonly overlay: O;
};

/** What the handlers of a context look at: there the overlay is of that kind. */
export type ContextOf<C extends Context> = KeyContext<
  C extends 'panes' ? Overlay | undefined : Extract<Overlay, {kind: C}>
>;

/** What a command does. Pure. */
type Handler<C extends Context> = (context: ContextOf<C>, binding: Binding) => Response;

/** The handlers of a context: one for every command whose binding claims it. */
type Handlers<C extends Context> = Readonly<Record<CommandIn<C>, Handler<C>>>;

/** How a context takes keys. */
export type ContextKeys<C extends Context> = {
  readonly commands: Handlers<C>;
  /** What a character does where text is typed; undefined: characters are commands now. */
  readonly typed?: (context: ContextOf<C>) => Response | undefined;
  /** What a key without a binding does. Default: nothing. */
  readonly unbound?: (context: ContextOf<C>) => Response;
};

/** A short message to the user. */
export const note = (text: string, at: Micros): Response => ({inputs: [{kind: 'note', text, at}]});

/** Opens an overlay, or closes the open one. */
export const open = (overlay: Overlay | undefined): Response => ({inputs: [{kind: 'overlay', overlay}]});

/** Closes the open overlay. */
export const CLOSE: Response = open(undefined);

/** Copies a text and says so. */
export const copied = (text: string, at: Micros): Response => ({
  inputs: [{kind: 'note', text: `copied ${text.length} characters`, at}],
  effects: [{kind: 'copy', text}],
});

/** The commands that do the same in every context. */
export const COMMON = {
  repaint: (): Response => ({effects: [{kind: 'repaint'}]}),
  suspend: (): Response => ({effects: [{kind: 'suspend'}]}),
  quit_now: (): Response => ({effects: [{kind: 'quit'}]}),
} as const;

/** The commands that go a row or a page up or down, of the function that goes by so many rows. */
export const moving = <C extends KeyContext>(move: (context: C, by: number) => Response) => ({
  up: (context: C): Response => move(context, -1),
  down: (context: C): Response => move(context, 1),
  page_up: (context: C): Response => move(context, -context.viewport.page),
  page_down: (context: C): Response => move(context, context.viewport.page),
});
