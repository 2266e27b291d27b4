import {z} from 'zod';
import type {Raw} from '../io/io.ts';
import {decode, decodeOne, instant, maybeNumber, maybeText, number, text} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import {figuresOf} from './sync-figures.ts';
import type {SyncGapRow, SyncQuarantineRow, SyncRow, SyncWorkerRow} from './sync-rows.ts';

const WORKERS = 'monitor/sync_workers';
const GAPS = 'monitor/sync_gaps';
const QUARANTINE = 'monitor/sync_quarantine';
const TOTALS = 'monitor/sync_totals';

const worker = z.object({
  worker: text,
  mode: text,
  host: text,
  pid: number,
  started_at: instant,
  heartbeat_at: instant,
  safe_at: instant,
  stopped_at: instant,
  silent_seconds: number,
  stats: z.string(),
});
const gap = z.object({
  id: z.string(),
  worker: text,
  reason: text,
  started_at: instant,
  ended_at: instant,
  recovered: number,
  passes: number,
  filled_at: instant,
  error: maybeText,
  settled: z.boolean(),
});
const quarantined = z.object({
  id: z.string(),
  kind: text,
  event_key: text,
  event: text,
  sqlstate: maybeText,
  reason: text,
  attempts: number,
  first_at: instant,
  last_at: instant,
});
const totals = z.object({
  ledger: number,
  ledger_exact: z.boolean(),
  gaps_open: number,
  gaps_filled: number,
  recovered: number,
  oldest_gap_seconds: maybeNumber,
  quarantined: number,
});

const workerRows = (raws: readonly Raw[]): readonly SyncWorkerRow[] =>
  decode(worker, raws, WORKERS).map(r => ({
    worker: r.worker,
    mode: r.mode,
    host: r.host,
    pid: r.pid,
    startedAt: r.started_at,
    heartbeatAt: r.heartbeat_at,
    silentSeconds: r.silent_seconds,
    safeAt: r.safe_at,
    stoppedAt: r.stopped_at,
    figures: figuresOf(r.stats),
  }));

const gapRows = (raws: readonly Raw[]): readonly SyncGapRow[] =>
  decode(gap, raws, GAPS).map(({started_at: from, ended_at: to, filled_at: filledAt, ...r}) => ({
    ...r,
    from,
    to,
    filledAt,
  }));

const quarantineRows = (raws: readonly Raw[]): readonly SyncQuarantineRow[] =>
  decode(quarantined, raws, QUARANTINE).map(({event_key: key, first_at: firstAt, last_at: lastAt, ...r}) => ({
    ...r,
    key,
    firstAt,
    lastAt,
  }));

function totalsOf(raws: readonly Raw[]): SyncRow['totals'] {
  const r = decodeOne(totals, raws, TOTALS);
  return {
    ledger: r.ledger,
    ledgerExact: r.ledger_exact,
    gapsOpen: r.gaps_open,
    gapsFilled: r.gaps_filled,
    recovered: r.recovered,
    oldestGapSeconds: r.oldest_gap_seconds,
    quarantined: r.quarantined,
  };
}

/** The synchroniser as the database knows it: its workers, what they may have missed, and what they set aside. */
export const syncPoller: Poller<{sync: SyncRow}> = {
  ids: ['sync'],
  everyMs: 1000,
  timeoutMs: TIMEOUT_MS,
  sql: [WORKERS, GAPS, QUARANTINE, TOTALS],
  deltas: false,
  reader:
    () =>
    async ({trading}) => {
      const workers = workerRows(await trading.query(WORKERS));
      const gaps = gapRows(await trading.query(GAPS));
      const quarantine = quarantineRows(await trading.query(QUARANTINE));
      return {sync: [{workers, gaps, quarantine, totals: totalsOf(await trading.query(TOTALS))}]};
    },
};
