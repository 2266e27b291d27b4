import {setTimeout as delay} from 'node:timers/promises';
import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import {nextDelay} from './backoff.ts';
import {EMPTY_BATCH} from './batch.ts';
import type {ConsumerOptions} from './consumer.ts';
import {earliestOf} from './earliest.ts';
import {applyIsolated} from './isolate.ts';
import {createQueue, type QueueCounts} from './queue.ts';
import type {SyncEvent} from './sync-event.ts';

/** In-flight batches: events that were read or claimed from a stream and are not committed yet. */
export type InFlight = {
  /**
   * Commits events as one batch, one call after the other, each retried until the database takes it: Redis keeps
   * everything else meanwhile. False: `limit` aborted first, and the batch stays in flight.
   */
  readonly commit: (events: readonly SyncEvent[], limit: AbortSignal) => Promise<boolean>;
  /** Events in flight, and those that came more than once in one batch. */
  readonly counts: () => QueueCounts;
  readonly size: () => number;
  /** The earliest `since` of all events in flight. */
  readonly oldest: () => Micros | undefined;
};

export function createInFlight({
  db,
  onCommitted,
  onFailed,
}: Pick<ConsumerOptions, 'db' | 'onCommitted' | 'onFailed'>): InFlight {
  // Reading and claiming go on side by side: each has its own batch in flight until that is committed.
  const batches = new Set<readonly SyncEvent[]>();
  let turn: Promise<unknown> = Promise.resolve();
  let repeated = createQueue().counts();
  const commitUntil = async (events: readonly SyncEvent[], limit: AbortSignal): Promise<boolean> => {
    const {batch, counts} = newestOf(events);
    for (let wait = 0; !limit.aborted; ) {
      const start = performance.now();
      try {
        const outcome = await applyIsolated(db, batch);
        batches.delete(events);
        repeated = withRepetitions(repeated, counts);
        onCommitted(batch, outcome, performance.now() - start);
        return true;
      } catch (error) {
        wait = nextDelay(wait);
        onFailed(sanitise(failureOf(error).message, 300), wait);
        await delay(wait, undefined, {signal: limit}).catch(() => {});
      }
    }
    return false;
  };
  const count = (kind: SyncEvent['kind']): number =>
    [...batches].reduce((sum, events) => sum + events.filter(event => event.kind === kind).length, 0);
  return {
    counts: () => ({
      ...repeated,
      trades: count('trades'),
      positions: count('positions'),
      marks: count('market_data'),
    }),
    commit: (events, limit) => {
      if (events.length === 0) return Promise.resolve(true);
      batches.add(events);
      const committed = turn.then(() => commitUntil(events, limit));
      turn = committed.catch(() => {});
      return committed;
    },
    size: () => [...batches].reduce((sum, events) => sum + events.length, 0),
    oldest: () => earliestOf([...batches].flat()),
  };
}

/** What a batch must be: each trade once, and the newest of each position and mark. */
function newestOf(events: readonly SyncEvent[]) {
  const queue = createQueue({trades: events.length, keys: events.length});
  for (const event of events) queue.offer(event);
  const counts = queue.counts();
  return {batch: queue.take(events.length) ?? EMPTY_BATCH, counts};
}

const withRepetitions = (sum: QueueCounts, more: QueueCounts): QueueCounts => ({
  ...sum,
  offered: sum.offered + more.offered,
  duplicates: sum.duplicates + more.duplicates,
  superseded: sum.superseded + more.superseded,
  supersededPositions: sum.supersededPositions + more.supersededPositions,
});
