import {z} from 'zod';
import {decode, decodeOne, instant, maybeNumber, maybeText, number, rowSchema, text} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import {figuresOf} from './sync-figures.ts';

const WORKERS = 'monitor/sync_workers';
const GAPS = 'monitor/sync_gaps';
const QUARANTINE = 'monitor/sync_quarantine';
const TOTALS = 'monitor/sync_totals';

const worker = rowSchema({
  worker: text,
  mode: text,
  host: text,
  pid: number,
  started_at: instant,
  heartbeat_at: instant,
  /** Everything published before this time is committed, or declared as a gap. */
  safe_at: instant,
  /** When it said goodbye; undefined: it did not. */
  stopped_at: instant,
  /** Age of the last heartbeat when it was read, in seconds, by the server's clock. */
  silent_seconds: number,
  figures: z.string().transform(figuresOf),
});
const gap = rowSchema({
  id: z.string(),
  worker: text,
  reason: text,
  /** Undefined: its start is not known. */
  from: instant,
  to: instant,
  /** Trades that were recovered of it. */
  recovered: number,
  passes: number,
  filled_at: instant,
  error: maybeText,
  /** False: a transaction that is older than the gap is still open and may bring more of its trades. */
  settled: z.boolean(),
});
const quarantined = rowSchema({
  id: z.string(),
  kind: text,
  key: text,
  event: text,
  sqlstate: maybeText,
  reason: text,
  attempts: number,
  first_at: instant,
  last_at: instant,
});
const totals = rowSchema({
  /** Trades applied, each once; beyond 1,000 an estimate from the statistics, and `ledger_exact` is false. */
  ledger: number,
  ledger_exact: z.boolean(),
  gaps_open: number,
  gaps_filled: number,
  recovered: number,
  oldest_gap_seconds: maybeNumber,
  quarantined: number,
});

/** A process of the synchroniser. */
export type SyncWorkerRow = z.output<typeof worker>;

/** A span in which events may have been missed. */
export type SyncGapRow = z.output<typeof gap>;

/** An event that could not be applied. */
export type SyncQuarantineRow = z.output<typeof quarantined>;

/** All that the database knows of the synchroniser, from one reading. */
export type SyncRow = {
  readonly workers: readonly SyncWorkerRow[];
  readonly gaps: readonly SyncGapRow[];
  readonly quarantine: readonly SyncQuarantineRow[];
  /** Over everything, also over what is not listed. */
  readonly totals: z.output<typeof totals>;
};

/** The synchroniser as the database knows it: its workers, what they may have missed, and what they set aside. */
export const syncPoller: Poller<{sync: SyncRow}> = {
  ids: ['sync'],
  everyMs: 4000,
  timeoutMs: TIMEOUT_MS,
  sql: [WORKERS, GAPS, QUARANTINE, TOTALS],
  deltas: false,
  reader:
    () =>
    async ({trading}) => {
      const workers = decode(worker, await trading.query(WORKERS), WORKERS);
      const gaps = decode(gap, await trading.query(GAPS), GAPS);
      const quarantine = decode(quarantined, await trading.query(QUARANTINE), QUARANTINE);
      return {sync: [{workers, gaps, quarantine, totals: decodeOne(totals, await trading.query(TOTALS), TOTALS)}]};
    },
};
