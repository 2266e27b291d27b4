import type {BusLink} from '../bus/event.ts';
import type {Micros} from '../core/time.ts';
import type {Pg} from '../io/pg.ts';
import type {RedisTarget} from '../io/targets.ts';
import type {Gap} from './gaps.ts';
import type {IsolateOutcome} from './isolate.ts';
import type {Batch, Overflow, QueueCounts, QueueLimits} from './queue.ts';
import type {SyncCounters} from './stats.ts';

/** The way of events from Redis into the database: by Pub/Sub through a queue, or from a stream. */
export type Lane = {
  readonly link: () => BusLink;
  /** What was published before this is committed, or waits as `oldest` tells, or lies in a declared gap. */
  readonly provenAt: () => Micros | undefined;
  /** Publication of the oldest event that was received and is not committed. */
  readonly oldest: () => Micros | undefined;
  /** What waits for its transaction, the batch that is being tried included. */
  readonly queue: () => QueueCounts;
  /** Events that found no room since the last call. */
  readonly takeOverflow: () => Overflow | undefined;
  /** Stops receiving, commits what was received until `limit` aborts. True: nothing is left over. */
  readonly stop: (limit: AbortSignal) => Promise<boolean>;
};

export type LaneOptions = {
  readonly redis: RedisTarget;
  readonly db: Pg;
  /** The worker's name. */
  readonly worker: string;
  readonly tally: SyncCounters;
  readonly limits: QueueLimits | undefined;
  readonly onLink: (link: BusLink) => void;
  readonly onGap: (gap: Gap) => void;
  readonly onCommitted: (batch: Batch, outcome: IsolateOutcome, ms: number) => void;
  readonly onFailed: (message: string, inMs: number) => void;
  /** Until when the workers before had everything; undefined while the database has not told, null when there was none. */
  readonly before: () => Micros | null | undefined;
};
