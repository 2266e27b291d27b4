import type {ActionOptions} from '../actions/plan.ts';
import type {SessionId, Target} from '../actions/target.ts';
import type {SafeText} from '../core/sanitise.ts';
import type {ExplainTarget} from '../model/explained.ts';
import type {PositionName} from '../model/position-shown.ts';
import type {Lead, PaneId, UiState} from '../model/ui-state.ts';
import type {View} from '../model/views.ts';

/** The plan of an action that a key asks for. */
export type PlanRequest = {
  readonly actionId: string;
  readonly title: string;
  readonly target: Target;
  /** The target as the dialog names it until the plan is there. */
  readonly name: SafeText;
  /** What the action is told beside its target. Default: nothing. */
  readonly options?: ActionOptions;
};

/** What a key asks for outside the screen; the screen's own changes are in the UiState. */
export type Effect =
  | {readonly kind: 'quit'}
  | {readonly kind: 'refresh'}
  | {readonly kind: 'verify'}
  /** Begin a demo's incident, or end it where it goes on. */
  | {readonly kind: 'incident'; readonly name: string}
  | ({readonly kind: 'plan'} & PlanRequest)
  /** Run the action whose plan the dialog shows. */
  | {readonly kind: 'confirm'}
  /** Cancel the running action on the server. */
  | {readonly kind: 'cancelAction'}
  /** Forget an action that was not run, or that has ended. */
  | {readonly kind: 'dismiss'}
  /** Ask the planner for the plan of a statement. */
  | {readonly kind: 'explain'; readonly target: ExplainTarget}
  /** Sample what a session waits for. */
  | {readonly kind: 'profile'; readonly session: SessionId}
  /** Read the report of the last hours, write it to a file, or write a folder with everything that is known. */
  | {readonly kind: 'reporting'; readonly what: 'read' | 'write' | 'incident'}
  /** Read the life of an order, trade or correlation id. */
  | {readonly kind: 'trace'; readonly id: string}
  /** Read the trades of a position. */
  | {readonly kind: 'position'; readonly of: PositionName}
  | {readonly kind: 'copy'; readonly text: string}
  | {readonly kind: 'setRefresh'; readonly ms: number}
  | {readonly kind: 'repaint'}
  | {readonly kind: 'suspend'};

/** What the key handlers must know of the screen that the user sees. */
export type Viewport = {
  /** Every pane. */
  readonly panes: readonly {readonly id: PaneId; readonly title: string}[];
  /** Every view, in the order of `]`, and the one that the screen shows. */
  readonly views: readonly View[];
  readonly view: View;
  /** The panes of the view that share the screen where there is room; `Esc` leads to the first of them. */
  readonly grid: readonly PaneId[];
  /** Identities of a pane's rows, filtered and in their present order. */
  readonly keys: (pane: PaneId) => readonly string[];
  /** The ways in which a pane counts. */
  readonly modes: (pane: PaneId) => readonly {readonly id: string; readonly title: string}[];
  /** Whether a pane has this row, filtered out or not. */
  readonly has: (pane: PaneId, key: string) => boolean;
  /** What a row leads to. */
  readonly lead: (pane: PaneId, key: string) => Lead | undefined;
  /** The columns of a row's numbers that have a past. */
  readonly figures: (pane: PaneId, key: string) => readonly string[];
  /** The columns that a pane shows and can be ordered by. */
  readonly sorts: (pane: PaneId) => readonly {readonly id: string; readonly title: string}[];
  /** The statement of a row whose plan can be asked for. */
  readonly explains: (pane: PaneId, key: string) => ExplainTarget | undefined;
  /** The values of a row's columns by their ids; undefined: there is no such row. */
  readonly values: (pane: PaneId, key: string) => Readonly<Record<string, unknown>> | undefined;
  /** What `y` copies of a row. */
  readonly copy: (pane: PaneId, key: string) => string | undefined;
  /** Rows of the focused pane, or lines of the overlay, that are visible at once. */
  readonly page: number;
  /** How far the overlay can be scrolled, in lines. */
  readonly scrollMax: number;
};

/** What one key did: the new UiState where it changed, and the effects that it asks for, in order. */
export type KeyResult = {readonly ui?: UiState; readonly effects: readonly Effect[]};
