import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {Io, Raw} from '../io/io.ts';
import type {SqlLibrary} from '../io/sql.ts';
import type {Operator} from './audit.ts';
import type {Session} from './session.ts';

/** What an action works on. `schema` and `name` are as the catalogue has them, unquoted. */
export type Target =
  | {readonly kind: 'database'}
  | {readonly kind: 'schema'; readonly schema: string}
  | {readonly kind: 'table'; readonly schema: string; readonly name: string}
  /** Rows of a table by their keys, as text. */
  | {readonly kind: 'rows'; readonly schema: string; readonly name: string; readonly keys: readonly string[]};

/** `none`: reads only; `locks`: takes locks that others can wait for; `destroys`: ends or removes something. */
export type Danger = 'none' | 'locks' | 'destroys';

/** One line of the dialog: `dead rows` · `412,000 of 9.1 M (4.5 %)`. `warn` marks what should make one think. */
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
  /** archive-logs: older than so many days, default 30. detach-partitions: ended so many days ago; has no default. */
  readonly olderThanDays?: number;
  /** create-partitions: so many months after this one; default 6. */
  readonly monthsAhead?: number;
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

/** What an action asks of the server before and while it runs. Never the connection that does the work. */
export type ActionContext = {
  readonly io: Io;
  readonly sql: SqlLibrary;
  readonly options: ActionOptions;
  readonly operator: Operator;
  /** What was read when it was planned; undefined: this is the planning. */
  readonly basis: Basis | undefined;
};

/** What a run ended as, before the gate adds its time, its notices and its audit row. */
export type Result = Pick<Outcome, 'outcome' | 'rows' | 'changes'> & {readonly summary: string};

/** A target looked at: the dialog's facts, and the work itself, which has not begun. */
export type Prepared = {
  readonly facts: readonly Fact[];
  /** The exact statements, in order. */
  readonly sql: readonly string[];
  readonly refusal: string | undefined;
  /** Edits only: what would be written, which the audit log gets before it is done; and what that was read from. */
  readonly changes?: readonly RowChange[];
  readonly basis?: Basis;
  /** Works on the action's own connection; nothing in it throws but bugs. */
  readonly execute: (session: Session) => Promise<Result>;
};

/** One thing that tradetop can do to a server. Whether it may is the gate's to decide. */
export type Action = {
  readonly id: string;
  readonly title: string;
  /** The key that asks for it on the screen. */
  readonly key: string;
  readonly danger: Danger;
  /** What it does, in a sentence for help and documentation. */
  readonly help: string;
  readonly targets: readonly Target['kind'][];
  /** What it works on when nothing is named. Default: the database. */
  readonly defaultTarget?: Target;
  /** The statements under sql/ that do the work. */
  readonly sql: readonly string[];
  /**
   * What becomes of the running statement when our process dies: `goes_on`, where stopping half-way would only waste
   * the work, or `ends` within a second.
   */
  readonly orphan: 'goes_on' | 'ends';
  /** Looks at the target. Rejects with the driver's error when the server cannot be asked. */
  readonly prepare: (asking: ActionContext, target: Target) => Promise<Prepared>;
};
