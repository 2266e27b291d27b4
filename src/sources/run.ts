import {type Failure, failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Io, Sample} from '../core/types.ts';
import type {SampleId} from '../store/state.ts';
import {restMs, retryMs} from './backoff.ts';
import {type Clock, systemClock} from './clock.ts';
import {
  type AnyPoller,
  type Reader,
  type RowOf,
  type Rows,
  type Settings,
  SourceError,
  type Sources,
} from './poller.ts';

export type OnSample = <Id extends SampleId>(id: Id, sample: Sample<RowOf<Id>>) => void;

export type Polling = {
  readonly pollers: readonly AnyPoller[];
  readonly io: Sources;
  readonly settings: Settings;
  /** Gets every outcome, good or not; it must not throw. */
  readonly onSample: OnSample;
  readonly clock?: Clock;
};

export type Pollers = {
  /** Asks at once, also what is waiting for its retry; all pollers, or those that fill one of `ids`. */
  readonly refreshNow: (ids?: readonly SampleId[]) => void;
  /** Sets the interval between two readings, in milliseconds. */
  readonly setRefresh: (ms: number) => void;
  /** Asks only what fills one of `ids` from now on; everything when undefined. */
  readonly need: (ids: ReadonlySet<SampleId> | undefined) => void;
  /** No sample comes any more; resolves when nothing is in flight, after two seconds at the latest. */
  readonly stop: () => Promise<void>;
};

/** Starts one loop a poller. A loop has one reading in flight, its own deadline and its own backoff, so none waits for another. */
export function startPollers(polling: Polling & {readonly refreshMs: number}): Pollers {
  const {pollers, clock = systemClock} = polling;
  const loops = pollers.map(poller => startLoop(poller, polling, polling.refreshMs));
  return {
    refreshNow: ids => {
      for (const loop of loops) if (!ids || loop.fills(ids)) loop.now();
    },
    setRefresh: ms => {
      for (const loop of loops) loop.setRefresh(ms);
    },
    need: ids => {
      for (const loop of loops) loop.need(!ids || loop.fills([...ids]));
    },
    stop: async () => {
      await within(Promise.all(loops.map(loop => loop.stop())), 2000, clock);
    },
  };
}

/**
 * Asks everything once, all at the same time, for a screen that is printed and not kept. What has rates is asked twice,
 * `gapMs` apart, and only the second reading counts.
 */
export async function pollOnce(polling: Polling & {readonly gapMs: number}): Promise<void> {
  const {pollers, gapMs, clock = systemClock} = polling;
  await Promise.all(
    pollers.map(async poller => {
      const read = poller.reader();
      let outcome = await ask(read, poller, polling).outcome;
      if (poller.deltas && 'rows' in outcome) {
        await new Promise<void>(done => clock.after(gapMs, done));
        outcome = await ask(read, poller, polling).outcome;
      }
      emit(poller, outcome, polling, {everyMs: poller.everyMs, retryMs: undefined});
    }),
  );
}

type Loop = {
  readonly fills: (ids: readonly SampleId[]) => boolean;
  readonly now: () => void;
  readonly setRefresh: (ms: number) => void;
  readonly need: (needed: boolean) => void;
  readonly stop: () => Promise<void>;
};

function startLoop(poller: AnyPoller, polling: Polling, firstRefreshMs: number): Loop {
  const {clock = systemClock} = polling;
  const read = poller.reader();
  let refreshMs = firstRefreshMs;
  let [needed, stopped, again] = [true, false, false];
  let [good, failures] = [0, 0];
  let startedAt = Number.NEGATIVE_INFINITY;
  let calm = () => {};
  let busy: Promise<void> | undefined;

  const everyMs = (): number => Math.max(poller.everyMs, refreshMs);
  const schedule = (ms: number): void => {
    calm();
    calm = needed && !stopped ? clock.after(Math.max(ms, 0), run) : () => {};
  };
  const run = (): void => {
    calm();
    again = busy !== undefined;
    busy ??= turn().finally(() => {
      busy = undefined;
      if (again) run();
    });
  };
  const turn = async (): Promise<void> => {
    startedAt = clock.ticks();
    const {outcome, settled} = ask(read, poller, polling);
    const result = await outcome;
    if (!stopped) {
      const ok = 'rows' in result;
      failures = ok ? 0 : failures + 1;
      if (ok) good++;
      const rest = ok ? restMs(result.ms, everyMs()) : retryMs(result.failure, failures, clock.random());
      // The second reading comes soon: until then there are no rates to show.
      const wait = ok && good === 1 && poller.deltas ? Math.min(rest, 1000) : rest;
      emit(poller, result, polling, {everyMs: Math.max(everyMs(), wait), retryMs: wait});
      schedule(wait);
    }
    // A reading that missed our deadline is waited for a little longer: never are two of one poller in flight for long.
    await within(settled, poller.timeoutMs, clock);
  };

  run();
  return {
    fills: ids => poller.ids.some(id => ids.includes(id)),
    now: () => {
      if (!stopped) run();
    },
    setRefresh: ms => {
      refreshMs = ms;
      if (!busy && failures === 0) schedule(startedAt + everyMs() - clock.ticks());
    },
    need: now => {
      if (now === needed) return;
      needed = now;
      if (!busy) schedule(startedAt + everyMs() - clock.ticks());
    },
    stop: async () => {
      stopped = true;
      again = false;
      calm();
      await busy;
    },
  };
}

type Outcome = {readonly ms: number} & (
  | {readonly rows: Partial<Rows<SampleId>>}
  | {readonly failure: Failure; readonly rows?: never}
);
type Asked = {readonly outcome: Promise<Outcome>; readonly settled: Promise<void>};

/** One reading: its outcome, at the deadline at the latest, and when it is really over. */
function ask(read: Reader<Partial<Rows<SampleId>>>, {timeoutMs}: AnyPoller, polling: Polling): Asked {
  const {io, settings, clock = systemClock} = polling;
  const start = clock.ticks();
  const left = (): number => Math.max(1, start + timeoutMs - clock.ticks());
  const sources = {...io, trading: hurried(io.trading, left), prefect: hurried(io.prefect, left)};
  const reading = Promise.resolve().then(() => read(sources, settings, clock));
  const outcome = new Promise<Outcome>(done => {
    const calm = clock.after(timeoutMs, () =>
      done({ms: clock.ticks() - start, failure: {why: 'timeout', message: late(timeoutMs), next: '', retry: true}}),
    );
    reading
      .then(
        rows => done({ms: clock.ticks() - start, rows}),
        error => done({ms: clock.ticks() - start, failure: toFailure(error)}),
      )
      .finally(calm);
  });
  const nothing = (): void => {};
  return {outcome, settled: reading.then(nothing, nothing)};
}

const late = (ms: number): string => `no answer within ${ms / 1000} s`;

// No statement of a reading may take longer than what is left of the reading's time.
const hurried = (io: Io, left: () => number): Io => ({
  ...io,
  query: (sql, params, options) => io.query(sql, params, {...options, timeoutMs: left()}),
});

function toFailure(error: unknown): Failure {
  const failure = error instanceof SourceError ? error.failure : failureOf(error);
  return {...failure, message: sanitise(failure.message, 500)};
}

function emit(
  {ids}: AnyPoller,
  outcome: Outcome,
  {onSample, clock = systemClock}: Polling,
  {everyMs, retryMs: wait}: {readonly everyMs: number; readonly retryMs: number | undefined},
): void {
  const at = clock.now();
  const {ms} = outcome;
  const retryAt = wait === undefined ? undefined : at + Math.round(wait * 1000);
  for (const id of ids) {
    const sample = outcome.rows
      ? {ok: true, at, ms, rows: outcome.rows[id] ?? [], everyMs}
      : {ok: false, at, ms, failure: outcome.failure, retryAt};
    (onSample as (id: SampleId, sample: unknown) => void)(id, sample);
  }
}

/** Whether `promise` ended within `ms` milliseconds. */
function within(promise: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  return new Promise(done => {
    const calm = clock.after(ms, () => done(false));
    const ended = (): void => {
      calm();
      done(true);
    };
    promise.then(ended, ended);
  });
}
