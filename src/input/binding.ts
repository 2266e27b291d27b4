import type {Action} from '../actions/action.ts';
import type {Danger} from '../actions/plan.ts';
import type {State} from '../model/state.ts';
import type {Overlay} from '../model/ui-state.ts';
import type {Key} from './keys.ts';

/** Where a key is pressed: over the panes, or in the overlay of this kind. */
export type Context = 'panes' | Overlay['kind'];

/** The contexts that show text to read. */
export const READING = [
  'help',
  'details',
  'checks',
  'reject',
  'explain',
  'waits',
  'report',
  'trace',
  'position',
] as const;

/** The contexts that show rows or lines to move through. */
export const LISTS = ['panes', 'rejects', ...READING] as const;

/** The contexts in which a list of choices is narrowed down by typing. */
export const CHOICES = ['chooser', 'palette'] as const;

/** Every context. */
export const EVERYWHERE = ['panes', 'filter', ...CHOICES, 'form', 'act', 'rejects', 'history', ...READING] as const;

/** The commands that need something of a row: that it leads on, has a statement, numbers with a past, the name of a trade or an order; or of its pane: that it counts in several ways. */
export const ROW_USES = ['lead', 'explain', 'history', 'trace', 'mode'] as const;
export type RowUse = (typeof ROW_USES)[number];

/** Headings of the help. */
export type BindingGroup = 'panes' | 'rows' | 'screen' | 'act' | 'dialogs' | 'leave';

/** Keys and the command that they give, as a list declares them. */
export type BindingSpec = {
  /** The command. Each context has a handler for every command that claims it. */
  readonly id: string;
  /** Footer and notes name the first. */
  readonly keys: readonly Key[];
  /** How the footer names several keys together: `↑↓`. Default: the first key. */
  readonly shown?: string;
  /** One word for the footer. */
  readonly label: string;
  /** One sentence for help, palette and README, without a full stop. */
  readonly help: string;
  readonly group: BindingGroup;
  /** Default: `none`. */
  readonly danger?: Danger;
  readonly in: readonly Context[];
  /** Rank in the footer: where it has no room, the larger numbers go first. Undefined: never in the footer. */
  readonly footer?: number;
  /** Why the command is not possible now; undefined: it is. Default: it always is. */
  readonly why?: (state: State) => string | undefined;
  /** The action that the key starts. */
  readonly action?: Action;
};
