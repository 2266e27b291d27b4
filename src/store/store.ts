import type {Acting} from '../actions/plan.ts';
import type {Micros} from '../core/time.ts';
import type {BusState} from '../model/bus-state.ts';
import type {About, SampleId, State} from '../model/state.ts';
import type {UiState} from '../model/ui-state.ts';
import type {Sample} from '../monitor/sample.ts';
import {createFrameClock} from './frame-clock.ts';
import {freeze} from './frozen.ts';
import {createNumberHistory, type History} from './history.ts';
import {createJudge} from './judge.ts';
import {ageAll, createHolder} from './samples.ts';

export type Store = {
  /** The State that was published last. */
  readonly get: () => State;
  /** The present State, whatever was published last. */
  readonly now: () => State;
  readonly subscribe: (listener: () => void) => () => void;
  /** Cold lane: what a person did; published at once. */
  readonly setUi: (ui: UiState) => void;
  readonly setActing: (acting: Acting | undefined) => void;
  readonly setChecks: (checks: State['checks']) => void;
  readonly setExplained: (explained: State['explained']) => void;
  readonly setWaits: (waits: State['waits']) => void;
  readonly setReport: (report: State['report']) => void;
  readonly setTrace: (trace: State['trace']) => void;
  readonly setPosition: (position: State['position']) => void;
  /** Keeps a poll's outcome: shown with the next full second, and soon where its source's state changes or a person waits. */
  readonly record: (id: SampleId, sample: Sample<unknown>) => void;
  /** How often samples are read from now on, in milliseconds; undefined: not any more. */
  readonly pace: (ids: readonly SampleId[], everyMs: number | undefined) => void;
  /** Hot lane: the counters have changed, which is shown soon. */
  readonly touch: () => void;
  /** The past of the numbers that panes show. */
  readonly history: History;
  readonly close: () => void;
};

export type StoreOptions = {
  readonly about: About;
  readonly ui: UiState;
  /** The counters' snapshot of the bus at a time. */
  readonly bus: (at: Micros) => BusState;
  readonly pools: () => State['pools'];
  readonly now: () => Micros;
  /** Every source is read once: no alert waits until it has lasted. */
  readonly once?: boolean | undefined;
  /** False while the terminal still writes the last frame: then the next one waits, and a person's input is shown alone. */
  readonly mayDraw?: () => boolean;
  /** True on a thin line: a person's input is shown alone, and the rest soon after. */
  readonly inputAlone?: () => boolean;
};

/** What others than pollers and bus give the State. */
type Parts = Pick<State, 'acting' | 'checks' | 'explained' | 'position' | 'report' | 'trace' | 'ui' | 'waits'>;

const NOT_RUN: State['checks'] = {running: false, at: undefined, results: [], error: undefined};

/** After a person's input, samples are shown soon for this long, in microseconds: the input may have asked for them. */
const ASKED_MICROS = 2_000_000;

/**
 * Holds the State and publishes it: at once after a person's input, soon where events arrive, and else once a second. A
 * console that publishes every event handles 4 % of a flood.
 */
export function createStore(options: StoreOptions): Store {
  const [listeners, holder] = [new Set<() => void>(), createHolder()];
  let parts: Parts = {acting: undefined, checks: NOT_RUN, ui: options.ui};
  const [judge, history] = [createJudge({once: options.once}), createNumberHistory()];
  let [tpsHistory, askedAt]: [readonly number[], Micros] = [[], Number.NEGATIVE_INFINITY];
  const build = (): State => {
    const {about, bus, pools} = options;
    const at = options.now();
    const samples = ageAll(holder.samples(), at);
    return judge.judged({at, about, samples, bus: bus(at), pools: pools(), tpsHistory, history, ...parts});
  };
  let shown = build();
  let alone = false;
  const draw = (): void => {
    const whole = !alone && options.mayDraw?.() !== false;
    const live = whole || parts.ui.paused !== shown.ui.paused ? build() : {...shown, ...parts};
    // While it is paused, the panes keep their rows; alerts, actions, the clock and the collecting go on.
    shown = parts.ui.paused ? {...live, frozen: shown.frozen ?? freeze(shown)} : live;
    for (const listener of listeners) listener();
  };
  const clock = createFrameClock({draw, time: options.now, mayDraw: options.mayDraw ?? (() => true)});
  const change = (part: Partial<typeof parts>): void => {
    parts = {...parts, ...part};
    alone = options.inputAlone?.() === true;
    clock.now();
    if (alone) clock.soon();
    alone = false;
  };
  return {
    get: () => shown,
    now: build,
    subscribe: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setUi: ui => {
      askedAt = options.now();
      change({ui});
    },
    ...setters(change),
    record: (id, sample) => {
      const before = holder.samples()[id].state;
      holder.record(id, sample);
      if (id === 'server' && sample.ok) tpsHistory = withRate(tpsHistory, holder.samples().server.rows[0]?.tps);
      judge.read(id, sample, holder.samples());
      if (before === 'waiting') clock.settle();
      else if (before !== holder.samples()[id].state || options.now() - askedAt < ASKED_MICROS) clock.soon();
    },
    pace: holder.pace,
    touch: clock.soon,
    history,
    close: () => {
      clock.close();
      listeners.clear();
    },
  };
}

/** The parts that are set whole. */
const setters = (change: (part: Partial<Parts>) => void) => ({
  setActing: (acting: Parts['acting']) => change({acting}),
  setChecks: (checks: Parts['checks']) => change({checks}),
  setExplained: (explained: Parts['explained']) => change({explained}),
  setWaits: (waits: Parts['waits']) => change({waits}),
  setReport: (report: Parts['report']) => change({report}),
  setTrace: (trace: Parts['trace']) => change({trace}),
  setPosition: (position: Parts['position']) => change({position}),
});

const RATES = 30;

const withRate = (history: readonly number[], rate: number | undefined): readonly number[] =>
  rate === undefined ? history : [...history.slice(1 - RATES), rate];
