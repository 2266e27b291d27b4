import type {Io} from '../io/io.ts';
import type {SqlLibrary} from '../io/sql.ts';
import type {RedisTarget} from '../io/targets.ts';
import type {Operator} from './operator.ts';
import type {ActionOptions, Basis, Danger, Fact, Outcome, RowChange} from './plan.ts';
import type {Session} from './session.ts';
import type {Target} from './target.ts';

/** What an action looks at its target with. `io` is never the connection that does the work. */
export type ActionContext = {
  readonly io: Io;
  readonly sql: SqlLibrary;
  readonly options: ActionOptions;
  readonly operator: Operator;
  /** The bus, for what services are told after a commit. */
  readonly redis: RedisTarget;
  /** Process ids of this program's own connections to the server. */
  readonly own: ReadonlySet<number>;
  /** The rows that the plan was made from; undefined while it is being made. */
  readonly basis: Basis | undefined;
};

/** How a run ended, before the gate adds its time, notices and audit record. */
export type Result = Pick<Outcome, 'outcome' | 'rows' | 'changes'> & {readonly summary: string};

/** What an action found at its target: the facts for the dialog, and the work itself, which has not begun. */
export type Prepared = {
  readonly facts: readonly Fact[];
  /** The exact statements, in order. */
  readonly sql: readonly string[];
  /** Why it must not run, with what to do; undefined: it may. */
  readonly refusal: string | undefined;
  /** The target's name must be typed, wherever it is. */
  readonly typed?: boolean;
  /** What would be written, or who would be signalled, which is recorded in the audit log before it is, and the rows that it depends on. */
  readonly changes?: readonly RowChange[];
  readonly basis?: Basis;
  /** Does the work on the action's own connection. It throws bugs only. */
  readonly execute: (session: Session) => Promise<Result>;
};

/** A run whose end was not recorded, as the audit log has it. */
export type LostRun = {
  /** The target's name, as it was shown. */
  readonly target: string;
  readonly database: string;
  /** When it began, as PostgreSQL writes it. */
  readonly at: string;
  /** What it was about to write, or whom to signal. */
  readonly changes: readonly RowChange[];
};

/** A flag whose value is a whole number from `min` to `max`. */
type ActionFlag = {readonly help: string; readonly min: number; readonly max: number};

/** One thing that tradetop can do to a server. The gate decides whether it may. */
export type Action = {
  readonly id: string;
  readonly title: string;
  /** The key that starts it in the console; empty: it has none. */
  readonly key: string;
  /** One word for the console's footer, which otherwise leaves the action out. */
  readonly footer?: string;
  readonly danger: Danger;
  /** What it does, in a sentence for help and documentation. */
  readonly help: string;
  readonly targets: readonly Target['kind'][];
  /** Its target when none is named. Default: the database. */
  readonly defaultTarget?: Target;
  /** Reads its target from what was typed, where it is no table, schema or database. Throws a UserError. */
  readonly readTarget?: (typed: string) => Target;
  /** It changes the console alone, so that no command has it, and read-only does not forbid it. */
  readonly inConsole?: boolean;
  /** Flags that `tradetop maintain` takes for it, by name. */
  readonly flags?: Readonly<Record<string, ActionFlag>>;
  /**
   * What happens to the running statement when our process dies: it `goes_on`, where stopping halfway would only waste
   * work, or `ends` within a second.
   */
  readonly orphan: 'goes_on' | 'ends';
  /**
   * What a run whose console died has left on the server, in a phrase for the audit log. Default: nothing is said. Rejects with
   * the driver's error.
   */
  readonly found?: (io: Io, run: LostRun) => Promise<string>;
  /** Looks at the target; changes nothing. Rejects with the driver's error when a query fails. */
  readonly prepare: (context: ActionContext, target: Target) => Promise<Prepared>;
};
