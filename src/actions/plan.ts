import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {Raw} from '../core/types.ts';
import type {Target} from './target.ts';

/** `none`: reads only; `locks`: takes locks that others can wait for; `destroys`: ends or removes something. */
export type Danger = 'none' | 'locks' | 'destroys';

/** One line of the dialog: `dead rows` · `412,000 of 9.1 M (4.5%)`. `warn` marks what should make one think. */
export type Fact = {readonly label: string; readonly value: SafeText; readonly warn?: boolean};

/** What would happen: the dry run, and the text of the confirm dialog. */
export type Plan = {
  readonly actionId: string;
  readonly title: string;
  readonly target: Target;
  /** As written on the screen and typed to confirm: `execution.trades`. */
  readonly targetName: SafeText;
  readonly danger: Danger;
  /** The exact statements, in order. */
  readonly sql: readonly SafeText[];
  readonly facts: readonly Fact[];
  /** Why it must not be run now (read-only, a missing right, already running elsewhere); undefined: it may. */
  readonly refusal: SafeText | undefined;
  readonly options?: ActionOptions;
  readonly changes?: readonly RowChange[];
  readonly basis?: Basis;
};

/** What an edit changes of one row: its columns' values as text, before and after; no `before` where the row is new. */
export type RowChange = {readonly key: string; readonly before: Raw | null; readonly after: Raw};

/** The rows that a plan goes by, as they were read, by key: with their versions they are what its run may change. */
export type Basis = ReadonlyMap<string, Raw>;

/** What an action can be told beside its target. */
export type ActionOptions = {
  /** Its own flags that were given, by name. */
  readonly flags?: Readonly<Record<string, number>>;
  /** What set-config, set-limit and acknowledge write. */
  readonly edit?: EditOptions;
};

/** Values are text as they were given: the action says which it refuses. */
export type EditOptions = {
  /** set-config: JSON. */
  readonly value?: string;
  readonly description?: string;
  /** set-config: make the key, which is not there yet. */
  readonly create?: boolean;
  /** set-limit: a decimal above 0. */
  readonly limit?: string;
  /** set-limit: the part of the limit from which on it warns, above 0 and up to 1. */
  readonly warn?: string;
  readonly enabled?: boolean;
  /** acknowledge: that the matter is settled, too. */
  readonly resolve?: boolean;
};

export type Progress = {
  readonly phase: SafeText;
  /** 0…100, undefined where PostgreSQL does not tell. */
  readonly percent: number | undefined;
  /** Which of the targets is being worked on, of how many. */
  readonly step: number;
  readonly steps: number;
  readonly current: SafeText;
  /** Who holds it up: `pid 4121 (analytics) for 8s`. */
  readonly blockers: readonly SafeText[];
};

/** Which of the statements is being run. */
export type StepPosition = Pick<Progress, 'step' | 'steps' | 'current'>;

/** How it ended, decided by its effect on the server and not by the absence of an error. */
export type Outcome = {
  readonly outcome: 'done' | 'partial' | 'skipped' | 'cancelled' | 'failed' | 'dry_run';
  /** One sentence: what was done, or why not. */
  readonly summary: SafeText;
  readonly sql: readonly SafeText[];
  readonly ms: number;
  readonly rows: number | undefined;
  readonly notices: readonly SafeText[];
  /** The run's first row in shared.audit_log; undefined when the audit could not be written. */
  readonly auditId: string | undefined;
  /** What an edit wrote. */
  readonly changes?: readonly RowChange[];
  /** Nothing was started: read-only, a missing right, no audit, no server. `outcome` is then `failed`. */
  readonly refused?: boolean;
};

/** An action under way, or ended and not yet dismissed, as the screen shows it. */
export type Acting = {
  readonly phase: 'planning' | 'confirm' | 'running' | 'ended';
  readonly actionId: string;
  readonly title: string;
  readonly target: Target;
  readonly targetName: SafeText;
  readonly plan: Plan | undefined;
  readonly progress: Progress | undefined;
  readonly outcome: Outcome | undefined;
  readonly since: Micros;
};
