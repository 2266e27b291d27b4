import type {Acting} from '../actions/action.ts';
import {alertsOf} from '../alerts/alerts.ts';
import type {Micros} from '../core/time.ts';
import type {BusState} from '../model/bus-state.ts';
import type {About, Alert, SampleId, Samples, State} from '../model/state.ts';
import type {UiState} from '../model/ui-state.ts';
import type {Sample} from '../monitor/sample.ts';
import {freeze} from './frozen.ts';
import {ageAll, holdIn, waitingSamples} from './samples.ts';

export type Store = {
  readonly get: () => State;
  /** The State of this very moment, whatever was last published. */
  readonly now: () => State;
  readonly subscribe: (listener: () => void) => () => void;
  /** Cold lane: what a person did. Published at once. */
  readonly setUi: (ui: UiState) => void;
  readonly setActing: (acting: Acting | undefined) => void;
  readonly setChecks: (checks: State['checks']) => void;
  /** A poll's outcome: kept, and shown with the next frame. */
  readonly record: (id: SampleId, sample: Sample<unknown>) => void;
  /** Hot lane: something changed in the counters; shown with the next frame. */
  readonly touch: () => void;
  readonly close: () => void;
};

export type StoreOptions = {
  readonly about: About;
  readonly ui: UiState;
  /** The counters's picture of the bus at a time. */
  readonly bus: (at: Micros) => BusState;
  readonly pools: () => State['pools'];
  readonly now: () => Micros;
  /** Least time between two frames, in milliseconds. Notifying per event, a console handles 4 % of a flood of events. */
  readonly frameMs?: number;
  /** False while the terminal has not taken the last frame yet: then the next one waits. */
  readonly mayDraw?: () => boolean;
};

/** How often the screen is drawn when nothing happens, in milliseconds: ages and the clock go on. */
const IDLE_MS = 1000;

/** Holds the State and publishes it: at once for what a person does, at most one frame every `frameMs` for all else. */
export function createStore(options: StoreOptions): Store {
  const {frameMs = 100, mayDraw = () => true} = options;
  const listeners = new Set<() => void>();
  let samples: Samples = waitingSamples();
  let parts: Pick<State, 'acting' | 'checks' | 'ui'> = {
    acting: undefined,
    checks: {running: false, at: undefined, results: [], error: undefined},
    ui: options.ui,
  };
  let alerts: readonly Alert[] = [];
  let tpsHistory: readonly number[] = [];
  let shown = build();
  let timer: NodeJS.Timeout | undefined;
  let drawn = 0;
  let closed = false;

  function build(): State {
    const at = options.now();
    const state: State = {
      at,
      about: options.about,
      samples: ageAll(samples, at),
      bus: options.bus(at),
      pools: options.pools(),
      alerts,
      tpsHistory,
      ...parts,
    };
    alerts = alertsOf(state, alerts);
    return {...state, alerts};
  }

  function publish(): void {
    if (closed) return;
    const live = build();
    // Paused panes keep the rows of that moment; alerts, actions and the clock go on, and so does collecting.
    shown = parts.ui.paused ? {...live, frozen: shown.frozen ?? freeze(shown)} : live;
    drawn = performance.now();
    for (const listener of listeners) listener();
    clearTimeout(timer);
    timer = setTimeout(frame, IDLE_MS);
  }

  function frame(): void {
    if (mayDraw()) publish();
    else timer = setTimeout(frame, frameMs);
  }

  let due = false;
  function touch(): void {
    if (due || closed) return;
    due = true;
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        due = false;
        frame();
      },
      Math.max(0, drawn + frameMs - performance.now()),
    );
  }

  function change(part: Partial<typeof parts>): void {
    parts = {...parts, ...part};
    due = false;
    publish();
  }

  return {
    get: () => shown,
    now: build,
    subscribe: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setUi: ui => change({ui}),
    setActing: acting => change({acting}),
    setChecks: checks => change({checks}),
    record: (id, sample) => {
      samples = holdIn(samples, id, sample as never);
      if (id === 'server' && sample.ok) tpsHistory = withRate(tpsHistory, samples.server.rows[0]?.tps);
      touch();
    },
    touch,
    close: () => {
      closed = true;
      clearTimeout(timer);
      listeners.clear();
    },
  };
}

const RATES = 30;

const withRate = (history: readonly number[], rate: number | undefined): readonly number[] =>
  rate === undefined ? history : [...history.slice(1 - RATES), rate];
