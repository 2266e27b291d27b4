import {type Clock, createTimer, endsWithin} from './clock.ts';
import {createPace, REST, REST_UNSEEN, type Rest} from './pace.ts';
import type {AnyPoller} from './poller.ts';
import {type PollContext, type PollOutcome, startReading} from './reading.ts';
import type {Sample} from './sample.ts';

/** Receives every outcome, good or bad; it must not throw. */
export type OnSample<Id extends string> = (id: Id, sample: Sample<unknown>) => void;

/**
 * Receives how often samples are read from now on, in milliseconds, where that has changed; undefined: not any more.
 */
export type OnPace<Id extends string> = (ids: readonly Id[], everyMs: number | undefined) => void;

/** Who needs a poller: a pane that is seen (`shown`), only alerts (`judged`), or nobody. */
type Need = 'shown' | 'judged' | 'none';

/** Interval of a poller that only alerts need, in milliseconds, where the poller names none. */
const UNSEEN_MS = 10_000;

/** The loop of one poller. It has at most one reading in flight. */
export type PollLoop<Id extends string> = {
  /** Whether it fills one of these samples. */
  readonly fills: (ids: readonly Id[]) => boolean;
  /** Reads at once; while a reading is in flight, once more after it. */
  readonly now: () => void;
  /** Reads now where the last reading is older than `ms`, was good, and cost little. */
  readonly soon: (ms: number) => void;
  readonly setRefresh: (ms: number) => void;
  /** What only alerts need is read seldom. What nobody needs rests, but while it fails it is tried again. */
  readonly setNeed: (need: Need) => void;
  /** Resolves when no reading is in flight any more. No sample comes after the call. */
  readonly stop: () => Promise<void>;
};

type LoopStart<Id extends string> = {
  readonly refreshMs: number;
  readonly onSample: OnSample<Id>;
  readonly onPace?: OnPace<Id> | undefined;
  /** When the first reading is due, by the clock's ticks, unless a pane shows it before; default: at once. */
  readonly beginAt?: number | undefined;
};

/** Starts the loop of one poller. */
export function startLoop<Id extends string>(
  poller: AnyPoller<Id>,
  context: PollContext,
  start: LoopStart<Id>,
): PollLoop<Id> {
  const {clock} = context;
  const read = poller.reader();
  const pace = createPace(poller, clock.random);
  const interval = createInterval(poller, start, () => paceChanged());
  let [stopped, again, reading] = [false, false, false];
  let startedAt = Number.NEGATIVE_INFINITY;
  let inFlight: Promise<void> | undefined;
  const timer = createTimer(clock);
  const schedule = (ms = interval.after(startedAt) - clock.ticks()): void => {
    timer.cancel();
    if ((!interval.rests() || pace.failing()) && !stopped) timer.start(Math.max(ms, 0), run);
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
    [startedAt, reading] = [clock.ticks(), true];
    const {outcome, settled} = startReading(read, poller, context);
    const result = await outcome;
    reading = false;
    if (!stopped) {
      const wait = pace.after(result, interval.ms(), interval.pauses());
      emit(poller, result, start.onSample, clock, {everyMs: Math.max(interval.ms(), wait), retryMs: wait});
      schedule(wait);
    }
    // Waits a little longer for a reading that missed our deadline: two of one poller are never in flight for long.
    await endsWithin(settled, poller.timeoutMs, clock);
  };
  const paceChanged = (): void => {
    // The end of a reading schedules the next one.
    if (!reading && !pace.failing()) schedule();
    start.onPace?.(poller.ids, interval.rests() ? undefined : interval.ms());
  };
  (start.beginAt === undefined ? run : schedule)();
  return {
    fills: ids => poller.ids.some(id => ids.includes(id)),
    now: () => void (stopped || run()),
    soon: ms => {
      const due = clock.ticks() - startedAt >= ms && pace.cheapEvery(ms);
      if (due && !stopped && !reading && !interval.rests()) run();
    },
    setRefresh: interval.setRefresh,
    setNeed: interval.setNeed,
    stop: async () => {
      [stopped, again] = [true, false];
      timer.cancel();
      await inFlight;
    },
  };
}

/**
 * How often a poller is read: by the console's interval, and by who needs it; before `beginAt` only where it is shown. `changed` is
 * called when that changes.
 */
function createInterval(
  {everyMs, unseenMs = UNSEEN_MS}: AnyPoller,
  {refreshMs, beginAt = Number.NEGATIVE_INFINITY}: Pick<LoopStart<string>, 'refreshMs' | 'beginAt'>,
  changed: () => void,
) {
  let [refresh, need, begin] = [refreshMs, 'shown' as Need, beginAt];
  const ms = (): number => Math.max(everyMs, refresh, need === 'judged' ? unseenMs : 0);
  return {
    ms,
    after: (startedAt: number): number => Math.max(startedAt + ms(), begin),
    rests: (): boolean => need === 'none',
    pauses: (): readonly Rest[] => (need === 'judged' && unseenMs >= UNSEEN_MS ? REST_UNSEEN : REST),
    setRefresh: (ms: number): void => {
      refresh = ms;
      changed();
    },
    setNeed: (now: Need): void => {
      if (now === need) return;
      if (now === 'shown') begin = Number.NEGATIVE_INFINITY;
      need = now;
      changed();
    },
  };
}

/** Turns an outcome into a sample for each id of the poller. */
export function emit<Id extends string>(
  {ids}: AnyPoller<Id>,
  outcome: PollOutcome,
  onSample: OnSample<Id>,
  clock: Clock,
  next: {readonly everyMs: number | undefined; readonly retryMs: number | undefined},
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
