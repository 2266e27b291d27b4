import type {Acting} from '../actions/plan.ts';
import type {Environment} from '../config/config.ts';
import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {PoolCounts} from '../io/io.ts';
import type * as pollers from '../monitor/index.ts';
import type {Poller} from '../monitor/poller.ts';
import type {Held} from '../monitor/sample.ts';
import type {CheckResult} from '../verify/check.ts';
import type {BusState} from './bus-state.ts';
import type {UiState} from './ui-state.ts';
import type {View} from './views.ts';

type Pollers = typeof pollers;
type RowsOf<P> = P extends Poller<infer R> ? (rows: R) => void : never;
type AllRows = RowsOf<Pollers[keyof Pollers]> extends (rows: infer R) => void ? R : never;

/** The rows of every source, by the names that the pollers give them. */
export type Samples = {readonly [Id in keyof AllRows]: Held<AllRows[Id]>};

export type SampleId = keyof Samples;

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
  /** The views, with those of the config file. Default: those that every console has. */
  readonly views?: readonly View[];
};

/** Something that is wrong, and since when. */
export type Alert = {
  /**
   * Stable over time: the id of its rule, `bus_down`, or with the rule's subject, `blocked:trading_system/execution`.
   */
  readonly id: string;
  readonly severity: 'warn' | 'crit';
  readonly text: SafeText;
  readonly since: Micros;
};

/** The part of a State that a paused screen keeps. */
export type Frozen = Pick<State, 'at' | 'samples' | 'bus' | 'pools'>;

/** Everything that the screen shows. Each frame makes a new one; unchanged parts keep their references. */
export type State = {
  /** Time of the frame; ages count from it. */
  readonly at: Micros;
  readonly about: About;
  readonly samples: Samples;
  readonly bus: BusState;
  readonly pools: {readonly trading: PoolCounts; readonly prefect: PoolCounts};
  /** The last readings of the server's transactions per second, oldest first. */
  readonly tpsHistory?: readonly (number | undefined)[];
  /** Worst first. */
  readonly alerts: readonly Alert[];
  readonly checks: {
    readonly running: boolean;
    readonly at: Micros | undefined;
    readonly results: readonly CheckResult[];
    readonly error: SafeText | undefined;
  };
  readonly acting: Acting | undefined;
  readonly ui: UiState;
  /** What the panes show while the screen is paused. */
  readonly frozen?: Frozen | undefined;
};
