import type {Target} from '../actions/target.ts';
import type {SafeText} from '../core/sanitise.ts';
import type {PositionName} from './position-shown.ts';

/** The name of a pane, as `snapshot --json` gives it. The panes themselves say which there are. */
export type PaneId = string;

/** The values that a row must have, by the ids of their columns. */
export type Where = Readonly<Record<string, string | number | boolean | null>>;

/** A list over the panes: the rejected messages, of one correlation id where that is given; or the trades of a position. */
export type Listed =
  | {readonly kind: 'rejects'; readonly id?: string}
  | {readonly kind: 'position'; readonly of: PositionName};

/** A row of a pane, the rows of a pane that have these values, or a list. */
export type LeadPlace =
  | {readonly pane: PaneId; readonly key: string; readonly where?: never; readonly list?: never}
  | {readonly pane: PaneId; readonly where: Where; readonly key?: never; readonly list?: never}
  | {readonly list: Listed; readonly pane?: never; readonly key?: never; readonly where?: never};

/** What a row leads to. */
export type Lead = LeadPlace & {
  /** What is there, in a few words: `its trades`. */
  readonly what: string;
  /** The correlation id that it follows. */
  readonly id?: string;
  /** Followed although no row of it has been read. */
  readonly always?: true;
};

/** Where a person came from by a lead: `Esc` goes back there. */
type Step = Pick<UiState, 'view' | 'focus' | 'zoomed'> & {
  /** The pane that was led to, and what had been done to it before. */
  readonly to: PaneId;
  readonly before: PaneUi;
};

/** What a person has done to one pane. */
export type PaneUi = {
  /** Identity of the selected row; undefined: the first. It stays with the row when the order changes. */
  readonly selected: string | undefined;
  /** Index of the row when it was selected: the row with this index is selected once it is gone. */
  readonly index?: number;
  /** Substring, `!inverse` or `re:regex`; empty: everything. */
  readonly filter: string;
  /** Only rows with these values: those that another row led to. */
  readonly where?: Where | undefined;
  /** Column that orders the rows; undefined: the pane's own order. */
  readonly sort: string | undefined;
  readonly reverse: boolean;
  /** The columns that are otherwise left out first are shown first. */
  readonly wide?: boolean;
  /** How the pane counts, by the name that it gives; undefined: its first way. */
  readonly mode?: string | undefined;
};

/** What a key on a row can mean: the row's own target, or a larger one. */
export type Scope = {
  readonly key: string;
  readonly target: Target;
  /** As it is typed to confirm. */
  readonly name: SafeText;
  /** As it is listed. */
  readonly text: SafeText;
  /** What there is to know of it while it is selected. */
  readonly about?: SafeText;
  /** The action that it means, by its id. Default: that of the key. */
  readonly actionId?: string;
};

/** What lies over the panes. `chooser` picks the target that an action works on, `palette` a command by its name. */
export type Overlay =
  | {readonly kind: 'help'; readonly scroll: number}
  | {readonly kind: 'details'; readonly pane: PaneId; readonly key: string; readonly scroll: number}
  /** The past of a row's number. `column`: which one; undefined: the first that the pane shows. */
  | {readonly kind: 'history'; readonly pane: PaneId; readonly key: string; readonly column: string | undefined}
  | {readonly kind: 'filter'; readonly pane: PaneId; readonly text: string}
  | {readonly kind: 'checks'; readonly scroll: number}
  /** The rejected messages. `selected`: the number of the chosen one; undefined: the newest, also as others arrive. */
  | {readonly kind: 'rejects'; readonly selected: number | undefined}
  | {readonly kind: 'reject'; readonly number: number; readonly scroll: number}
  /** The plan of a statement. */
  | {readonly kind: 'explain'; readonly scroll: number}
  /** The report of the last hours. */
  | {readonly kind: 'report'; readonly scroll: number}
  /** The life of an order or trade. */
  | {readonly kind: 'trace'; readonly scroll: number}
  /** The trades of a position. */
  | {readonly kind: 'position'; readonly scroll: number}
  /** What a session waits for. */
  | {readonly kind: 'waits'; readonly scroll: number}
  | {
      readonly kind: 'chooser';
      readonly actionId: string;
      /** Index of the selection, for when the chosen target is no longer listed. */
      readonly selected: number;
      /** Identity of the chosen target, which stays selected while dead rows change the order. */
      readonly key?: string;
      readonly filter: string;
      /** What there is to choose from; undefined: the tables and what holds them. */
      readonly scopes?: readonly Scope[];
    }
  | {
      /** What an action is to be told before it is planned: a line for each of its form's fields. */
      readonly kind: 'form';
      readonly actionId: string;
      /** The key of the row that it is about, what that is in a few words, and what the fields held at first. */
      readonly row: string;
      readonly about?: string;
      readonly begun: Readonly<Record<string, string>>;
      readonly values: Readonly<Record<string, string>>;
      /** Index of the field that is typed into. */
      readonly at: number;
    }
  | {readonly kind: 'palette'; readonly selected: number; readonly filter: string}
  | {readonly kind: 'act'; readonly focus: 'cancel' | 'run'; readonly typed: string; readonly scroll?: number};

export type UiState = {
  /** The name of the view. */
  readonly view: string;
  readonly focus: PaneId;
  /** The pane of the grid that had the focus last: where `Esc` leads from one that is not in it. Undefined: the first. */
  readonly home?: PaneId;
  /** The pane that had the focus last in each of the other views. */
  readonly left?: Readonly<Record<string, PaneId>>;
  readonly zoomed: boolean;
  /** The way that leads have gone, the last step at the end. */
  readonly trail?: readonly Step[];
  /** Frozen by `p`: panes show the state of that moment while collecting continues. */
  readonly paused: boolean;
  readonly refreshMs: number;
  readonly readOnly: boolean;
  /** The panes in which a person has changed something; `paneUi` gives the default for the others. */
  readonly panes: Readonly<Record<PaneId, PaneUi>>;
  readonly overlay: Overlay | undefined;
  /** A short message to the user and its time: why a key did nothing, what was copied. */
  readonly note: {readonly text: string; readonly at: number} | undefined;
};
