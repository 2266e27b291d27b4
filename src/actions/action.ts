import type {Io} from '../core/types.ts';
import type {SqlLibrary} from '../io/sql.ts';
import type {Operator} from './operator.ts';
import type {ActionOptions, Basis, Danger, Fact, Outcome, RowChange} from './plan.ts';
import type {Session} from './session.ts';
import type {Target} from './target.ts';

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

export type ActionFlag = {readonly help: string; readonly least: number; readonly most: number};

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
  /** What `tradetop maintain` takes for it beside the target: whole numbers, by the flag's name. */
  readonly flags?: Readonly<Record<string, ActionFlag>>;
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
