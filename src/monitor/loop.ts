import {type Clock, createTimer, endsWithin} from './clock.ts';
import {createPace} from './pace.ts';
import type {AnyPoller} from './poller.ts';
import {type PollContext, type PollOutcome, startReading} from './reading.ts';
import type {Sample} from './sample.ts';

/** Receives every outcome, good or bad; it must not throw. */
export type OnSample<Id extends string> = (id: Id, sample: Sample<unknown>) => void;

/** The loop of one poller. It has at most one reading in flight. */
export type PollLoop<Id extends string> = {
  /** Whether it fills one of these samples. */
  readonly fills: (ids: readonly Id[]) => boolean;
  /** Reads at once; while a reading is in flight, once more after it. */
  readonly now: () => void;
  readonly setRefresh: (ms: number) => void;
  /** While it is not needed it rests. */
  readonly setNeeded: (needed: boolean) => void;
  /** Resolves when no reading is in flight any more. No sample comes after the call. */
  readonly stop: () => Promise<void>;
};

export function startLoop<Id extends string>(
  poller: AnyPoller<Id>,
  context: PollContext,
  start: {readonly refreshMs: number; readonly onSample: OnSample<Id>},
): PollLoop<Id> {
  const {clock} = context;
  const read = poller.reader();
  const pace = createPace(poller, clock.random);
  let {refreshMs} = start;
  let [needed, stopped, again] = [true, false, false];
  let startedAt = Number.NEGATIVE_INFINITY;
  let inFlight: Promise<void> | undefined;
  const timer = createTimer(clock);
  const everyMs = (): number => Math.max(poller.everyMs, refreshMs);
  const schedule = (ms = startedAt + everyMs() - clock.ticks()): void => {
    timer.cancel();
    if (needed && !stopped) timer.start(Math.max(ms, 0), run);
  };
  const run = (): void => {
    timer.cancel();
    again = inFlight !== undefined;
    inFlight ??= poll().finally(() => {
      inFlight = undefined;
      if (again) run();
    });
  };
  const poll = async (): Promise<void> => {
    startedAt = clock.ticks();
    const {outcome, settled} = startReading(read, poller, context);
    const result = await outcome;
    if (!stopped) {
      const wait = pace.after(result, everyMs());
      emit(poller, result, start.onSample, clock, {everyMs: Math.max(everyMs(), wait), retryMs: wait});
      schedule(wait);
    }
    // Waits a little longer for a reading that missed our deadline: two of one poller are never in flight for long.
    await endsWithin(settled, poller.timeoutMs, clock);
  };
  run();
  return {
    fills: ids => poller.ids.some(id => ids.includes(id)),
    now: () => {
      if (!stopped) run();
    },
    setRefresh: ms => {
      refreshMs = ms;
      if (!inFlight && !pace.failing()) schedule();
    },
    setNeeded: now => {
      if (now === needed) return;
      needed = now;
      schedule();
    },
    stop: async () => {
      [stopped, again] = [true, false];
      timer.cancel();
      await inFlight;
    },
  };
}

/** Turns an outcome into a sample for each id of the poller. */
export function emit<Id extends string>(
  {ids}: AnyPoller<Id>,
  outcome: PollOutcome,
  onSample: OnSample<Id>,
  clock: Clock,
  next: {readonly everyMs: number; readonly retryMs: number | undefined},
): void {
  const at = clock.now();
  const {ms} = outcome;
  const retryAt = next.retryMs === undefined ? undefined : at + Math.round(next.retryMs * 1000);
  for (const id of ids) {
    const sample: Sample<unknown> = outcome.rows
      ? {ok: true, at, ms, rows: outcome.rows[id] ?? [], everyMs: next.everyMs}
      : {ok: false, at, ms, failure: outcome.failure, retryAt};
    onSample(id, sample);
  }
}
