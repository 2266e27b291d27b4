import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';

/** What a worker tells of itself every second. What an older or a newer release does not tell is undefined. */
export type SyncFigures = {
  /** The subscription's state, and why it is not `ready`. */
  readonly link: SafeText | undefined;
  readonly linkError: SafeText | undefined;
  readonly channels: readonly SyncChannel[];
  /** Events that wait for their transaction, and trades that found no room and are recovered from the table. */
  readonly queue: number | undefined;
  readonly overflowed: number | undefined;
  readonly batches: number | undefined;
  /** Trades in the last batch, and its transaction's milliseconds. */
  readonly batchSize: number | undefined;
  readonly batchMs: number | undefined;
  /** Published to received and to committed, of the last 1,000 trades, milliseconds. */
  readonly receiveP50: number | undefined;
  readonly receiveP99: number | undefined;
  readonly commitP50: number | undefined;
  readonly commitP99: number | undefined;
  readonly trades: number | undefined;
  readonly duplicates: number | undefined;
  readonly adopted: number | undefined;
  readonly recovered: number | undefined;
  readonly quarantined: number | undefined;
  readonly retries: number | undefined;
  /** Since when the database takes no batch, and why; undefined: it does. */
  readonly failingSince: Micros | undefined;
  readonly failing: SafeText | undefined;
  /** Messages that were not taken: by reason, and the last ones, newest first. */
  readonly rejected: readonly (readonly [reason: SafeText, count: number])[];
  readonly rejects: readonly SyncReject[];
  /** Streams: what the group has not been given yet, what it has not acknowledged, what the stream holds in all. */
  readonly stream: {readonly lag: number; readonly pending: number; readonly length: number} | undefined;
};

export type SyncChannel = {
  readonly channel: SafeText;
  readonly received: number;
  readonly perSecond: number;
  /** When its last message was received; undefined: there was none. */
  readonly lastAt: Micros | undefined;
};

export type SyncReject = {
  readonly reason: SafeText;
  readonly channel: SafeText;
  readonly detail: SafeText;
  /** The beginning of the message. */
  readonly text: SafeText;
  readonly bytes: number;
  readonly at: Micros;
};

export type SyncWorkerRow = {
  readonly worker: SafeText;
  readonly mode: SafeText;
  readonly host: SafeText;
  readonly pid: number;
  readonly startedAt: Micros | undefined;
  readonly heartbeatAt: Micros | undefined;
  /** How old its last sign of life was when it was read, in seconds, by the server's clock. */
  readonly silentSeconds: number;
  /** What was published before is committed, or declared as a gap. */
  readonly safeAt: Micros | undefined;
  /** When it said goodbye; undefined: it did not. */
  readonly stoppedAt: Micros | undefined;
  readonly figures: SyncFigures;
};

/** A span in which events may have been missed, and what was recovered of them. */
export type SyncGapRow = {
  readonly id: string;
  readonly worker: SafeText;
  readonly reason: SafeText;
  /** Undefined: nobody knows since when. */
  readonly from: Micros | undefined;
  readonly to: Micros | undefined;
  readonly recovered: number;
  readonly passes: number;
  readonly filledAt: Micros | undefined;
  readonly error: SafeText | undefined;
  /** False: a transaction that is older than the gap is open yet, and may still bring trades of it. */
  readonly settled: boolean;
};

/** An event that could not be applied. */
export type SyncQuarantineRow = {
  readonly id: string;
  readonly kind: SafeText;
  readonly key: SafeText;
  readonly event: SafeText;
  readonly sqlstate: SafeText | undefined;
  readonly reason: SafeText;
  readonly attempts: number;
  readonly firstAt: Micros | undefined;
  readonly lastAt: Micros | undefined;
};

/** Everything that the database knows of the synchroniser, by one reading. */
export type SyncRow = {
  readonly workers: readonly SyncWorkerRow[];
  readonly gaps: readonly SyncGapRow[];
  readonly quarantine: readonly SyncQuarantineRow[];
  /** Over everything, also what is not listed. */
  readonly totals: {
    /** Trades that were applied, each once; beyond 1,000 what the statistics say, which `ledgerExact` denies. */
    readonly ledger: number;
    readonly ledgerExact: boolean;
    readonly gapsOpen: number;
    readonly gapsFilled: number;
    readonly recovered: number;
    readonly oldestGapSeconds: number | undefined;
    readonly quarantined: number;
  };
};
