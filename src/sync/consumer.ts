import type {BusLink} from '../bus/event.ts';
import type {Micros} from '../core/time.ts';
import type {Pg} from '../io/pg.ts';
import type {RedisTarget} from '../io/targets.ts';
import type {CommittedBatch} from './batch.ts';
import type {SyncCounters} from './counters.ts';
import type {Gap} from './gaps.ts';
import type {BatchOutcome} from './outcome.ts';
import type {Overflow, QueueCounts, QueueLimits} from './queue.ts';

/** What a worker reads: the bus by Pub/Sub, the bus' stream, or the WAL by its replication slot. */
export type SyncMode = 'pubsub' | 'streams' | 'slot';

/** Receives events and commits them to the database: by Pub/Sub through a queue, from a stream, or from the WAL. */
export type BusConsumer = {
  readonly link: () => BusLink;
  /**
   * Every event published before this time is committed, or waits (see `oldest`), or lies in a declared gap. Undefined:
   * nothing is known yet.
   */
  readonly provenAt: () => Micros | undefined;
  /** Publication of the oldest event that was received and is not committed. */
  readonly oldest: () => Micros | undefined;
  /** Events that wait for their transaction, those of batches in flight included. */
  readonly queue: () => QueueCounts;
  /** Events that found no room since the last call. */
  readonly takeOverflow: () => Overflow | undefined;
  /** Stops receiving, and commits what was received until `limit` aborts. True: everything is committed. */
  readonly stop: (limit: AbortSignal) => Promise<boolean>;
};

/** Hears what becomes of batches. */
export type BatchListener = {
  /** `ms`: the time that its transactions took. */
  readonly onCommitted: (batch: CommittedBatch, outcome: BatchOutcome, ms: number) => void;
  /** The database did not take a batch, through no fault of its events; it is tried again in `inMs` milliseconds. */
  readonly onFailed: (message: string, inMs: number) => void;
};

export type ConsumerOptions = BatchListener & {
  readonly redis: RedisTarget;
  /** For batches only. */
  readonly db: Pg;
  /** For everything that may wait, or that batches must not wait for. */
  readonly maintenance: Pg;
  /** The worker's name. */
  readonly worker: string;
  readonly counters: SyncCounters;
  readonly limits: QueueLimits | undefined;
  readonly onLink: (link: BusLink) => void;
  /** `recorded`: it is in the database already, and why. */
  readonly onGap: (gap: Gap, recorded?: string) => void;
  /**
   * The time before which earlier workers had committed or declared everything; undefined: the database has not said
   * yet; null: no worker ever ran.
   */
  readonly previousSafeAt: () => Micros | null | undefined;
};
