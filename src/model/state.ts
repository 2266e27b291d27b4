import type {Acting} from '../actions/plan.ts';
import type {Config, Environment} from '../config/config.ts';
import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {PoolCounts} from '../io/io.ts';
import type * as pollers from '../monitor/index.ts';
import type {Poller} from '../monitor/poller.ts';
import type {Held} from '../monitor/sample.ts';
import type {CheckResult} from '../verify/check.ts';
import type {BusState} from './bus-state.ts';
import type {Explained} from './explained.ts';
import type {HistoryReader} from './past.ts';
import type {PositionShown} from './position-shown.ts';
import type {ReportShown} from './report-shown.ts';
import type {TraceShown} from './trace-shown.ts';
import type {LeadPlace, UiState} from './ui-state.ts';
import type {View} from './views.ts';
import type {WaitProfile} from './wait-profile.ts';

type Pollers = typeof pollers;
type RowsOf<P> = P extends Poller<infer R> ? (rows: R) => void : never;
type AllRows = RowsOf<Pollers[keyof Pollers]> extends (rows: infer R) => void ? R : never;

/** The rows of every source, by the names that the pollers give them. */
export type Samples = {readonly [Id in keyof AllRows]: Held<AllRows[Id]>};

export type SampleId = keyof Samples;

/** The unit of a rule's limits. `times`: multiples of what is usual. `share`: 0…1 of a whole. */
type LimitUnit = 'seconds' | 'share' | 'count' | 'times' | 'bytes';

/** The thresholds of a rule. A value at a limit is not over it. */
export type AlertLimits = {
  /** Of `warn`, `crit` and `clear`. */
  readonly unit?: LimitUnit;
  /** A value beyond it is a warning, or critical. */
  readonly warn?: number | undefined;
  readonly crit?: number | undefined;
  /** For how many seconds it must be so before the alert begins. Default 0. */
  readonly forSeconds?: number | undefined;
  /** An alert ends when its value is no longer beyond this; default `warn`. The step from crit to warn is in proportion. */
  readonly clear?: number | undefined;
  /** Which values are bad: those over the limits, which is the default, or those under them. */
  readonly worse?: 'over' | 'under';
  /** The rule is not asked at all. */
  readonly off?: boolean;
};

/** The config file's thresholds, by rule. */
export type AlertSettings = Config['alerts'];

/** What can be set of a rule's limits. */
export type LimitField = 'warn' | 'crit' | 'clear' | 'for' | 'off';

/** The thresholds that count. */
export type LimitsInForce = {
  /** Of the rules for which something is set, by their ids. */
  readonly byRule: ReadonlyMap<string, AlertLimits>;
  /** What sets each of their fields; what nothing sets is the rule's own. */
  readonly from: ReadonlyMap<string, ReadonlyMap<LimitField, 'config file' | 'database'>>;
  /** What the database has and does not count: the key, what is wrong, and what is allowed. */
  readonly wrong: readonly string[];
};

/** Facts that do not change while the console runs. */
export type About = {
  readonly environment: Environment;
  readonly trading: SafeText;
  readonly redis: SafeText;
  readonly user: SafeText;
  readonly slowMs: number;
  readonly ascii: boolean;
  /** False: no colours, only bold, dim and inverse. Default true. */
  readonly colour?: boolean;
  /** The config file's thresholds, checked. Default: none. */
  readonly alerts?: AlertSettings;
  /** The views, with those of the config file. Default: those that every console has. */
  readonly views?: readonly View[];
  /** The incidents that this console can begin and end: those of a demo. Default: none. */
  readonly incidents?: readonly {readonly name: string; readonly does: string}[];
};

/** What an alert can depend on: a sample, the bus, or the checks. */
export type SourceId = SampleId | 'bus' | 'checks';

/** Who has to do something about an alert. */
export type AlertOwner = 'trading' | 'risk' | 'data' | 'database' | 'platform';

/** Something that is wrong, and since when. */
export type Alert = {
  /**
   * Stable over time: the id of its rule, `bus_down`, or with the rule's subject, `blocked:trading_system/execution`.
   */
  readonly id: string;
  /** The id of its rule. */
  readonly rule: string;
  /** What it is about, where the rule can find several. */
  readonly subject: SafeText | undefined;
  readonly severity: 'warn' | 'crit';
  readonly text: SafeText;
  /** What causes it, in a phrase, where that is known. */
  readonly cause: SafeText | undefined;
  /** When it began. */
  readonly since: Micros;
  /** When it was last found; while its sources cannot be read that is in the past. */
  readonly lastSeen: Micros;
  /** How often it has begun since the console's start, this time included. */
  readonly count: number;
  readonly owner: AlertOwner;
  /** What to do. */
  readonly todo: SafeText;
  /** Where it is seen. */
  readonly row: LeadPlace | undefined;
  /** The alert that causes it, by its id, while that stands: then this one is not counted. */
  readonly causedBy: string | undefined;
  /** What caused it has just ended: it is an effect still. */
  readonly fading?: true;
  /** Since when its sources cannot be read; undefined: they can. */
  readonly unknownSince: Micros | undefined;
  /** Who has taken it on, when, and what they said; it ends with the alert. */
  readonly acknowledged:
    | {readonly by: SafeText | undefined; readonly at: Micros; readonly note: SafeText | undefined}
    | undefined;
  /** Until then nobody is bothered with it. */
  readonly mutedUntil: Micros | undefined;
  readonly mutedBy: SafeText | undefined;
};

/** A service of the desk that was connected and is no more. */
export type GoneService = {
  /** `trading_system/execution`. */
  readonly key: string;
  readonly service: SafeText;
  readonly database: SafeText;
  /** When its last session was seen. */
  readonly since: Micros;
  /** For how long it has been away before, at most, in seconds; 0: never. */
  readonly usualSeconds: number;
};

/** What is known of a check. */
export type KnownCheck = CheckResult & {
  /** When it last ran to its end. */
  readonly at: Micros;
  /** Since when it has found something; undefined: it does not. */
  readonly failingSince: Micros | undefined;
  /** How often it runs by itself; while it fails, more often. */
  readonly everySeconds: number;
};

/** The part of a State that a paused screen keeps. */
export type Frozen = Pick<State, 'at' | 'samples' | 'bus' | 'pools'>;

/** Everything that the screen shows. Each frame makes a new one; unchanged parts keep their references. */
export type State = {
  /** Time of the frame; ages count from it. */
  readonly at: Micros;
  readonly about: About;
  readonly samples: Samples;
  /** The thresholds of the alerts: the config file's, the database's, the rules' own. */
  readonly limits: LimitsInForce;
  readonly bus: BusState;
  readonly pools: {readonly trading: PoolCounts; readonly prefect: PoolCounts};
  /** The last readings of the server's transactions per second, oldest first. */
  readonly tpsHistory?: readonly (number | undefined)[];
  /** The services that were there and are no more. */
  readonly gone?: readonly GoneService[];
  /** Worst first, each with its effects behind it. */
  readonly alerts: readonly Alert[];
  /** The sources that could raise an alert and cannot be read now. */
  readonly unread: readonly SourceId[];
  readonly checks: {
    readonly running: boolean;
    readonly at: Micros | undefined;
    /** The last result of each check that has run, in their order. */
    readonly results: readonly KnownCheck[];
    readonly error: SafeText | undefined;
  };
  readonly acting: Acting | undefined;
  /** The plan that was asked for last. */
  readonly explained?: Explained | undefined;
  /** The wait profile that was asked for last. */
  readonly waits?: WaitProfile | undefined;
  /** The report that was asked for last. */
  readonly report?: ReportShown | undefined;
  /** The life that was asked for last. */
  readonly trace?: TraceShown | undefined;
  /** The position whose trades were asked for last. */
  readonly position?: PositionShown | undefined;
  /** The past of the numbers that panes show. */
  readonly history?: HistoryReader;
  readonly ui: UiState;
  /** What the panes show while the screen is paused. */
  readonly frozen?: Frozen | undefined;
};
