import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import type {Target} from './target.ts';

/** `none`: only reads; `locks`: takes locks that others may wait for; `destroys`: ends or removes something. */
export type Danger = 'none' | 'locks' | 'destroys';

/** One line of the dialog: `dead rows` · `412,000 of 9.1 M (4.5%)`. `warn` marks a reason to think twice. */
export type Fact = {readonly label: string; readonly value: SafeText; readonly warn?: boolean};

/** What a run would do: the dry run, and the text of the confirmation dialog. */
export type Plan = {
  readonly actionId: string;
  readonly title: string;
  readonly target: Target;
  /** As shown, and typed to confirm: `execution.trades`. */
  readonly targetName: SafeText;
  readonly danger: Danger;
  /** The exact statements, in order. */
  readonly sql: readonly SafeText[];
  readonly facts: readonly Fact[];
  /** Why it must not run now (read-only, a missing right, already running), with what to do; undefined: it may. */
  readonly refusal: SafeText | undefined;
  /** The target's name must be typed before it runs, also where not every action asks for that. */
  readonly typed?: boolean;
  readonly options?: ActionOptions;
  readonly changes?: readonly RowChange[];
  readonly basis?: Basis;
};

/** An edit's change of one row: the values of its columns as text. `before` is null where the row is new. */
export type RowChange = {readonly key: string; readonly before: Raw | null; readonly after: Raw};

/** The rows that a plan was made from, by key: a run changes a row only while it still has the version read here. */
export type Basis = ReadonlyMap<string, Raw>;

/** What a run is given beside its target. */
export type ActionOptions = {
  /** Values of the action's own flags, by name. */
  readonly flags?: Readonly<Record<string, number>>;
  /** What set-config, set-limit and acknowledge write. */
  readonly edit?: EditOptions;
};

/** Values as the user typed them: the action refuses what is wrong. */
export type EditOptions = {
  /** set-config: JSON. */
  readonly value?: string;
  readonly description?: string;
  /** set-config: create the key, which must not exist yet. */
  readonly create?: boolean;
  /** set-limit: a decimal above 0; set-position-limit: the most money, or `none`. */
  readonly limit?: string;
  /** set-position-limit: the most shares or contracts, a decimal above 0, or `none`. */
  readonly quantity?: string;
  /** set-limit: the fraction of the limit from which on it warns, above 0 and up to 1. */
  readonly warn?: string;
  readonly enabled?: boolean;
  /** new-limit: what is limited, and whose: a null or missing account, strategy or symbol means all of them. */
  readonly limitType?: string;
  readonly account?: string;
  readonly strategy?: string;
  readonly symbol?: string;
  /** read-only: whether the console may act no more, or may again. */
  readonly readOnly?: boolean;
  /** acknowledge: mark the event as resolved, too. */
  readonly resolve?: boolean;
  /** acknowledge-alert: what the operator says of it. */
  readonly note?: string;
  /** mute-alert: for how long; an hour where nothing is said. */
  readonly muteMinutes?: number;
  /** mute-alert: bring it back. */
  readonly unmute?: boolean;
  /** Why, which the audit log keeps; correct-trade, bust-trade, read-only and the quarantine must be told. */
  readonly reason?: string;
  /** correct-trade: what the trade becomes. */
  readonly trade?: TradeCorrection;
};

/** What a trade becomes, as the user typed it. A figure that is not given is reckoned where the trade itself changes. */
export type TradeCorrection = {
  readonly price?: string;
  readonly quantity?: string;
  readonly commission?: string;
  readonly side?: string;
  readonly executedAt?: string;
  readonly strategy?: string;
  readonly tradeType?: string;
  readonly totalValue?: string;
  readonly realizedPnl?: string;
  readonly winRate?: string;
};

export type Progress = {
  readonly phase: SafeText;
  /** Of the phase, 0…100; undefined where PostgreSQL does not report it. */
  readonly percent: number | undefined;
  /** Which of the statements is running, from 1, of how many. */
  readonly step: number;
  readonly steps: number;
  readonly current: SafeText;
  /** The sessions that block it: `pid 4121 (analytics) for 8s`. */
  readonly blockers: readonly SafeText[];
};

/** Which of the statements is running. */
export type StepPosition = Pick<Progress, 'step' | 'steps' | 'current'>;

/** How a run ended, judged by its effect on the server and not by the absence of an error. */
export type Outcome = {
  readonly outcome: 'done' | 'partial' | 'skipped' | 'cancelled' | 'failed' | 'dry_run';
  /** What was done, or why not, in a sentence. */
  readonly summary: SafeText;
  readonly sql: readonly SafeText[];
  readonly ms: number;
  readonly rows: number | undefined;
  readonly notices: readonly SafeText[];
  /** The run's first record in shared.audit_log; undefined where nothing was started. */
  readonly auditId: string | undefined;
  /** What an edit wrote. */
  readonly changes?: readonly RowChange[];
  /** Nothing was started: read-only, a missing right, no audit, no server. `outcome` is then `failed`. */
  readonly refused?: boolean;
};

/** An action that is being planned or run, or has ended and was not dismissed yet, as the screen shows it. */
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
