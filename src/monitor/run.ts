import {type Clock, endsWithin, systemClock} from './clock.ts';
import {emit, type OnPace, type OnSample, startLoop} from './loop.ts';
import type {AnyPoller, PollSettings, Sources} from './poller.ts';
import {newTrips, type PollContext, startReading} from './reading.ts';

export type Polling<Id extends string = string> = {
  readonly pollers: readonly AnyPoller<Id>[];
  readonly io: Sources;
  readonly settings: PollSettings;
  readonly onSample: OnSample<Id>;
  readonly onPace?: OnPace<Id>;
  readonly clock?: Clock;
};

export type Pollers<Id extends string = string> = {
  /** Reads at once, even what waits for its retry: all pollers, or those that fill one of `ids`. */
  readonly refreshNow: (ids?: readonly Id[]) => void;
  /** Reads what fills one of `ids` where it was read more than `ms` ago and a reading costs little. */
  readonly readSoon: (ids: readonly Id[], ms: number) => void;
  /** Sets the interval between two readings, in milliseconds. */
  readonly setRefresh: (ms: number) => void;
  /**
   * From now on the pollers that fill a sample of `shown` read at the console's interval, those that fill one of `judged`
   * alone seldom, and the others rest. One that reads more often than before reads at once where its rows are older.
   */
  readonly need: (samples: {readonly shown: ReadonlySet<Id>; readonly judged: ReadonlySet<Id>}) => void;
  /** No sample comes after the call. Resolves when nothing is in flight, after two seconds at the latest. */
  readonly stop: () => Promise<void>;
};

/** What nobody sees at the start is read so many milliseconds after what is seen: the first screen comes sooner. */
const LATER_MS = 400;

/**
 * Starts one loop a poller. Each has one reading in flight, a deadline and a backoff of its own, so that none waits for
 * another.
 */
export function startPollers<Id extends string>(
  polling: Polling<Id> & {
    readonly refreshMs: number;
    /** The samples that are seen first: what fills none of these waits a moment. */
    readonly first?: ReadonlySet<Id> | undefined;
  },
): Pollers<Id> {
  const {clock = systemClock, first} = polling;
  const context = contextOf(polling, clock);
  const beginAtOf = ({ids}: AnyPoller<Id>): number | undefined =>
    !first || ids.some(id => first.has(id)) ? undefined : clock.ticks() + LATER_MS;
  // Rare readings are expensive: they come last where all share one connection.
  const inOrder = polling.pollers.toSorted((a, b) => a.everyMs - b.everyMs);
  const loops = inOrder.map(poller => startLoop(poller, context, {...polling, beginAt: beginAtOf(poller)}));
  return {
    refreshNow: ids => {
      for (const loop of loops) if (!ids || loop.fills(ids)) loop.now();
    },
    readSoon: (ids, ms) => {
      for (const loop of loops) if (loop.fills(ids)) loop.soon(ms);
    },
    setRefresh: ms => {
      for (const loop of loops) loop.setRefresh(ms);
    },
    need: ({shown, judged}) => {
      for (const loop of loops) {
        loop.setNeed(loop.fills([...shown]) ? 'shown' : loop.fills([...judged]) ? 'judged' : 'none');
      }
    },
    stop: async () => {
      await endsWithin(Promise.all(loops.map(loop => loop.stop())), 2000, clock);
    },
  };
}

/**
 * Reads every source once, all at the same time, for a screen that is printed and not kept. A source with rates is read
 * twice, `gapMs` apart, and only the second reading counts.
 */
export async function pollOnce<Id extends string>(polling: Polling<Id> & {readonly gapMs: number}): Promise<void> {
  const {pollers, gapMs, clock = systemClock} = polling;
  const context = contextOf(polling, clock);
  await Promise.all(
    pollers.map(async poller => {
      const read = poller.reader();
      let outcome = await startReading(read, poller, context).outcome;
      if (poller.deltas && outcome.rows) {
        await new Promise<void>(done => clock.after(gapMs, done));
        outcome = await startReading(read, poller, context).outcome;
      }
      // No newer reading is expected: however long the others take, this one does not become stale.
      emit(poller, outcome, polling.onSample, clock, {everyMs: undefined, retryMs: undefined});
    }),
  );
}

const contextOf = <Id extends string>({io, settings}: Polling<Id>, clock: Clock): PollContext => ({
  io,
  settings,
  clock,
  trips: newTrips(),
});
