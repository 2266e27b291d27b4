import type {Micros} from '../core/time.ts';
import {EMPTY_BATCH} from './batch.ts';
import type {BatchListener, ConsumerOptions} from './consumer.ts';
import {earliestOf} from './earliest.ts';
import {applyIsolated} from './isolate.ts';
import {createQueue, type QueueCounts} from './queue.ts';
import type {SyncEvent} from './sync-event.ts';
import {untilDone} from './until-done.ts';

/** In-flight batches: events that were read or claimed from a stream and are not committed yet. */
export type InFlight = {
  /**
   * Commits events, and with them what else waits then, retried until the database takes them: Redis keeps everything
   * else meanwhile. False: `limit` aborted first, and the events stay in flight.
   */
  readonly commit: (events: readonly SyncEvent[], limit: AbortSignal) => Promise<boolean>;
  /** Events in flight, and those that came more than once in one batch. */
  readonly counts: () => QueueCounts;
  readonly size: () => number;
  /** The earliest `since` of all events in flight. */
  readonly oldest: () => Micros | undefined;
  /** The database has taken nothing from this worker for half a minute. */
  readonly isStuck: () => boolean;
};

type Waiting = {
  readonly events: readonly SyncEvent[];
  readonly limit: AbortSignal;
  readonly done: (committed: boolean) => void;
};

/** Most events of one transaction, unless they were read together. */
const MOST_EVENTS = 2000;
const STUCK_MS = 30_000;

export function createInFlight({
  db,
  onCommitted,
  onFailed,
}: Pick<ConsumerOptions, 'db' | 'onCommitted' | 'onFailed'>): InFlight {
  // The readers of several shards, and claims beside them: each has its own events in flight until those are committed.
  const waiting: Waiting[] = [];
  let taken: readonly Waiting[] = [];
  const left: Waiting[] = [];
  let committing = false;
  const attempts = createAttempts({db, onCommitted, onFailed});
  const commitAll = async (): Promise<void> => {
    committing = true;
    while (waiting.length > 0) {
      const now = takeSome(waiting);
      taken = now;
      const committed = await attempts.commitUntil(
        now.flatMap(({events}) => events),
        now[0]?.limit as AbortSignal,
      );
      if (!committed) left.push(...now);
      taken = [];
      for (const {done} of now) done(committed);
    }
    committing = false;
  };
  const all = (): readonly SyncEvent[] => [...left, ...taken, ...waiting].flatMap(({events}) => events);
  const count = (kind: SyncEvent['kind']): number => all().filter(event => event.kind === kind).length;
  return {
    counts: () => ({
      ...attempts.repeated(),
      trades: count('trades'),
      positions: count('positions'),
      marks: count('market_data'),
    }),
    commit: (events, limit) => {
      if (events.length === 0) return Promise.resolve(true);
      return new Promise(done => {
        waiting.push({events, limit, done});
        if (!committing) void commitAll();
      });
    },
    size: () => all().length,
    oldest: () => earliestOf(all()),
    isStuck: attempts.isStuck,
  };
}

/** Commits one batch after the other, each tried until the database takes it or `limit` aborts. */
function createAttempts({db, onCommitted, onFailed}: Pick<ConsumerOptions, 'db' | 'onCommitted' | 'onFailed'>) {
  let repeated = createQueue().counts();
  let failingSince: number | undefined;
  return {
    repeated: () => repeated,
    isStuck: () => failingSince !== undefined && performance.now() - failingSince > STUCK_MS,
    commitUntil: (events: readonly SyncEvent[], limit: AbortSignal): Promise<boolean> => {
      const {batch, counts} = newestOf(events);
      let start = 0;
      const once = async (): Promise<void> => {
        start = performance.now();
        const outcome = await applyIsolated(db, batch);
        failingSince = undefined;
        repeated = withRepetitions(repeated, counts);
        onCommitted(batch, outcome, performance.now() - start);
      };
      const onFailure: BatchListener['onFailed'] = (message, inMs) => {
        failingSince ??= start;
        onFailed(message, inMs);
      };
      return untilDone(once, onFailure, limit);
    },
  };
}

/** Takes the first that wait, as many as one transaction holds. */
function takeSome(waiting: Waiting[]): readonly Waiting[] {
  let [count, events] = [1, waiting[0]?.events.length ?? 0];
  for (; count < waiting.length; count++) {
    events += waiting[count]?.events.length ?? 0;
    if (events > MOST_EVENTS) break;
  }
  return waiting.splice(0, count);
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
