import type {BusLink, RejectReason} from '../bus/event.ts';
import {createPercentiles} from '../core/percentiles.ts';
import type {ByKind} from './outcome.ts';
import type {QueueCounts} from './queue.ts';

/**
 * What a worker reports about itself: with each heartbeat in analytics.sync_workers.stats, whose keys these are, and at
 * /metrics. Counts run from its start.
 */
export type SyncStats = {
  readonly link: {readonly state: BusLink['state']; readonly drops: number; readonly error: string | null};
  readonly channels: readonly {
    readonly channel: string;
    readonly received: number;
    /** Over the last interval between two heartbeats. */
    readonly per_second: number;
    readonly last_at: string | null;
  }[];
  readonly rejected: Readonly<Partial<Record<RejectReason, number>>>;
  /** The last messages that were rejected, newest first, at most 20, cut short. */
  readonly rejects: readonly {
    readonly reason: RejectReason;
    readonly channel: string;
    readonly detail: string;
    readonly text: string;
    readonly bytes: number;
    readonly at: string;
  }[];
  readonly queue: QueueCounts;
  readonly applied: {
    readonly trades: number;
    readonly duplicates: number;
    readonly adopted: number;
    readonly restated: number;
    readonly busted: number;
    readonly recovered: number;
    readonly positions: number;
    readonly stale_positions: number;
    readonly marks: number;
    readonly stale_marks: number;
    readonly quarantined: number;
  };
  /** Events that went into quarantine, by kind. */
  readonly quarantined_of: ByKind;
  /** In the database now: about how many trades in the ledger, and events in quarantine; null: not known yet. */
  readonly stored: {readonly ledger: number | null; readonly quarantine: number | null};
  readonly batches: number;
  readonly retries: number;
  /** Trades in the last batch. */
  readonly batch_size: number;
  /** Time of its transactions, in milliseconds. */
  readonly batch_ms: number;
  /** From publication to receipt, and to commit, of the last 1,000 trades. */
  readonly receive_lag: Lag;
  readonly commit_lag: Lag;
  readonly gaps: {readonly declared: number; readonly open: number; readonly filled: number};
  /** Since when the database takes no batch, and why; null: it took the last one. */
  readonly failing: {readonly since: string; readonly error: string} | null;
  /**
   * Positions, and views of them in the portfolio, that are due and not marked to the last price yet, since when there are
   * some, and why the last attempt failed. `behind` null: not known.
   */
  readonly marking: {readonly behind: number | null; readonly since: string | null; readonly error: string | null};
  /**
   * Entries that the group was not given yet, that it has not acknowledged, and all that the stream holds, or all its
   * shards together; how many streams those are, and how many of them this worker reads.
   */
  readonly stream: {
    readonly lag: number;
    readonly pending: number;
    readonly length: number;
    readonly shards: number;
    readonly read: number;
  } | null;
  /**
   * Of the replication slot, in bytes: WAL that is not applied yet, that the server keeps for the slot, and that it may
   * still keep before the slot is lost (null: no limit). Null: this worker does not read it.
   */
  readonly slot: {
    readonly lag_bytes: number;
    readonly retained_bytes: number;
    readonly safe_bytes: number | null;
  } | null;
};

/** In milliseconds; null: no trade yet. */
type Lag = {readonly p50: number | null; readonly p99: number | null};

export type StreamCounts = NonNullable<SyncStats['stream']>;

/** What is measured of one committed batch. */
export type CommitTimes = {
  /** Milliseconds from publication to commit, and to receipt, of each trade. */
  readonly commitLagsMs: readonly number[];
  readonly receiveLagsMs: readonly number[];
  readonly trades: number;
  /** Time of its transactions, in milliseconds. */
  readonly ms: number;
};

const LAGS = 1000;

/** The lags of the last 1,000 trades. */
export function createLags() {
  const lags = createPercentiles(LAGS);
  return {add: lags.add, lag: (): Lag => ({p50: tenths(lags.at(0.5)), p99: tenths(lags.at(0.99))})};
}

const tenths = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms * 10) / 10);
