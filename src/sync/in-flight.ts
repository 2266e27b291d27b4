import {setTimeout as delay} from 'node:timers/promises';
import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import {applyIsolated, isolatedBatchOf, symbolsOf} from './isolate.ts';
import {type Item, leastSince} from './item.ts';
import type {LaneOptions} from './lane.ts';
import {nextWait} from './loops.ts';
import {createQueue, type QueueCounts} from './queue.ts';

/** What was taken from a stream and is not committed. */
export type Hand = {
  /**
   * Commits items, one call after the other, each tried until the database takes it: Redis keeps everything else
   * meanwhile. False: `limit` aborted first, and they stay in hand.
   */
  readonly commit: (items: readonly Item[], limit: AbortSignal) => Promise<boolean>;
  /** What is in hand, and what came more than once in one taking. */
  readonly counts: () => QueueCounts;
  readonly size: () => number;
  /** Of all that is in hand, until when nothing of it was published for sure. */
  readonly oldest: () => Micros | undefined;
};

export function createHand({db, onCommitted, onFailed}: LaneOptions): Hand {
  // What is read and what is claimed are two takers: each holds its own until it is committed.
  const held = new Set<readonly Item[]>();
  let turn: Promise<unknown> = Promise.resolve();
  let unmarked: readonly string[] = [];
  let counts = createQueue().counts();
  const untilTaken = async (items: readonly Item[], limit: AbortSignal): Promise<boolean> => {
    const {batch, repeated} = newestOf(items);
    for (let wait = 0; !limit.aborted; ) {
      const start = performance.now();
      try {
        const outcome = await applyIsolated(db, batch, {now: true, dirty: unmarked});
        unmarked = outcome.unmarked;
        held.delete(items);
        counts = {
          ...counts,
          offered: counts.offered + repeated.offered,
          duplicates: counts.duplicates + repeated.duplicates,
          superseded: counts.superseded + repeated.superseded,
          supersededPositions: counts.supersededPositions + repeated.supersededPositions,
        };
        onCommitted(batch, outcome, performance.now() - start);
        return true;
      } catch (error) {
        unmarked = symbolsOf(batch, unmarked);
        wait = nextWait(wait);
        onFailed(sanitise(failureOf(error).message, 300), wait);
        await delay(wait, undefined, {signal: limit}).catch(() => {});
      }
    }
    return false;
  };
  const waiting = (kind: Item['kind']): number =>
    [...held].reduce((sum, items) => sum + items.filter(item => item.kind === kind).length, 0);
  return {
    counts: () => ({
      ...counts,
      trades: waiting('trades'),
      positions: waiting('positions'),
      marks: waiting('market_data'),
    }),
    commit: (items, limit) => {
      if (items.length === 0) return Promise.resolve(true);
      held.add(items);
      const mine = turn.then(() => untilTaken(items, limit));
      turn = mine.catch(() => {});
      return mine;
    },
    size: () => [...held].reduce((sum, items) => sum + items.length, 0),
    oldest: () => leastSince([...held].flat()),
  };
}

// Of each position and price only the newest, and each trade once: what a batch must be.
function newestOf(items: readonly Item[]) {
  const queue = createQueue({trades: items.length, keys: items.length});
  for (const item of items) queue.offer(item);
  const repeated = queue.counts();
  return {batch: queue.take(items.length) ?? isolatedBatchOf([]), repeated};
}
