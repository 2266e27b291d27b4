import {ask, newTrips, type PollContext, type PollOutcome} from './ask.ts';
import {restMs, retryMs} from './backoff.ts';
import {type Clock, systemClock} from './clock.ts';
import type {AnyPoller, PollSettings, Sources} from './poller.ts';
import type {Sample} from './sample.ts';

export type OnSample<Id extends string> = (id: Id, sample: Sample<unknown>) => void;

export type Polling<Id extends string = string> = {
  readonly pollers: readonly AnyPoller<Id>[];
  readonly io: Sources;
  readonly settings: PollSettings;
  /** Gets every outcome, good or not; it must not throw. */
  readonly onSample: OnSample<Id>;
  readonly clock?: Clock;
};

export type Pollers<Id extends string = string> = {
  /** Asks at once, also what is waiting for its retry; all pollers, or those that fill one of `ids`. */
  readonly refreshNow: (ids?: readonly Id[]) => void;
  /** Sets the interval between two readings, in milliseconds. */
  readonly setRefresh: (ms: number) => void;
  /** Asks only what fills one of `ids` from now on; everything when undefined. */
  readonly need: (ids: ReadonlySet<Id> | undefined) => void;
  /** No sample comes any more; resolves when nothing is in flight, after two seconds at the latest. */
  readonly stop: () => Promise<void>;
};

/**
 * Starts one loop a poller. A loop has one reading in flight, its own deadline and its own backoff, so none waits for
 * another.
 */
export function startPollers<Id extends string>(polling: Polling<Id> & {readonly refreshMs: number}): Pollers<Id> {
  const {pollers, clock = systemClock} = polling;
  const asking: PollContext = {...polling, clock, trips: newTrips()};
  // What is asked for seldom is costly: it comes last where there is one connection for all.
  const inOrder = pollers.toSorted((a, b) => a.everyMs - b.everyMs);
  const loops = inOrder.map(poller => startLoop(poller, asking, polling));
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
export async function pollOnce<Id extends string>(polling: Polling<Id> & {readonly gapMs: number}): Promise<void> {
  const {pollers, gapMs, clock = systemClock} = polling;
  const asking: PollContext = {...polling, clock, trips: newTrips()};
  await Promise.all(
    pollers.map(async poller => {
      const read = poller.reader();
      let outcome = await ask(read, poller, asking).outcome;
      if (poller.deltas && 'rows' in outcome) {
        await new Promise<void>(done => clock.after(gapMs, done));
        outcome = await ask(read, poller, asking).outcome;
      }
      emit(poller, outcome, polling.onSample, clock, {everyMs: poller.everyMs, retryMs: undefined});
    }),
  );
}

type Loop<Id extends string> = {
  readonly fills: (ids: readonly Id[]) => boolean;
  readonly now: () => void;
  readonly setRefresh: (ms: number) => void;
  readonly need: (needed: boolean) => void;
  readonly stop: () => Promise<void>;
};

function startLoop<Id extends string>(
  poller: AnyPoller<Id>,
  asking: PollContext,
  {onSample, refreshMs: first}: Polling<Id> & {readonly refreshMs: number},
): Loop<Id> {
  const {clock} = asking;
  const read = poller.reader();
  let refreshMs = first;
  let [needed, stopped, again] = [true, false, false];
  let [good, failures] = [0, 0];
  let startedAt = Number.NEGATIVE_INFINITY;
  let calm = () => {};
  let busy: Promise<void> | undefined;
  // The least of the last readings' work: what else the machine was busy with is not ours.
  let works: readonly number[] = [];

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
    const {outcome, settled} = ask(read, poller, asking);
    const result = await outcome;
    if (!stopped) {
      const ok = 'rows' in result;
      failures = ok ? 0 : failures + 1;
      if (ok) good++;
      if (ok) works = [result.workMs, ...works].slice(0, 3);
      const work = {ms: result.ms, workMs: Math.min(...works)};
      const rest = ok ? restMs(work, everyMs()) : retryMs(result.failure, failures, clock.random());
      // The second reading comes soon: until then there are no rates to show.
      const wait = ok && good === 1 && poller.deltas ? Math.min(rest, 1000) : rest;
      emit(poller, result, onSample, clock, {everyMs: Math.max(everyMs(), wait), retryMs: wait});
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
      schedule(startedAt + everyMs() - clock.ticks());
    },
    stop: async () => {
      stopped = true;
      again = false;
      calm();
      await busy;
    },
  };
}

function emit<Id extends string>(
  {ids}: AnyPoller<Id>,
  outcome: PollOutcome,
  onSample: OnSample<Id>,
  clock: Clock,
  {everyMs, retryMs: wait}: {readonly everyMs: number; readonly retryMs: number | undefined},
): void {
  const at = clock.now();
  const {ms} = outcome;
  const retryAt = wait === undefined ? undefined : at + Math.round(wait * 1000);
  for (const id of ids) {
    const sample: Sample<unknown> = outcome.rows
      ? {ok: true, at, ms, rows: outcome.rows[id] ?? [], everyMs}
      : {ok: false, at, ms, failure: outcome.failure, retryAt};
    onSample(id, sample);
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
