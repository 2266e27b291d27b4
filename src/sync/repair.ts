import {isoMicros, type Micros, nowMicros} from '../core/time.ts';
import type {Log} from '../io/log.ts';
import type {Pg} from '../io/pg.ts';
import type {BusConsumer} from './consumer.ts';
import type {SyncCounters} from './counters.ts';
import {type FillResult, settleRowless} from './fill.ts';
import {fillGaps} from './fill-gaps.ts';
import type {CommitChanges} from './outcome.ts';
import type {PerformanceLog} from './performance-log.ts';
import {sweep} from './sweep.ts';

/** How far back a sweep looks, and a wide one. */
const SWEEP_SPAN: Micros = 3600 * 1_000_000;
const WIDE_SPAN: Micros = 48 * SWEEP_SPAN;

/** The log tells of a long fill at most so often. */
const PROGRESS_MS = 10_000;

/** For so long after an event came before its row the row is looked for each second; later by sweeps. */
const ROWLESS_SPAN: Micros = 120_000_000;

/** In milliseconds. */
export type SweepIntervals = {
  /** Between two sweeps. */
  readonly sweep: number;
  /** Between two wide sweeps: of 48 hours, or of all trades. */
  readonly wideSweep: number;
  /** A younger trade may still be on its way. */
  readonly settle: number;
};

type RepairOptions = {
  readonly db: Pg;
  /** The worker's name. */
  readonly worker: string;
  readonly counters: SyncCounters;
  readonly performanceLog: PerformanceLog;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  readonly intervals: SweepIntervals;
  /** Wide sweeps look at all trades, however old. */
  readonly full: boolean;
  /** Its `provenAt` is undefined before the first subscription: nothing is missing then that its gap will not explain. */
  readonly consumer: Pick<BusConsumer, 'provenAt' | 'oldest'>;
  /** A time of this machine's clock by the database's. */
  readonly toDb: (at: Micros) => Micros;
  /** Hears after each commit what it changed. */
  readonly onChanged: (changes: CommitChanges) => void;
  /** Whether some gap is not in the database yet, and so no pass looks through it. */
  readonly hasPendingGaps: () => boolean;
};

/**
 * The repair. Each run makes a pass over the open gaps and, where it is due, the sweep, which finds what is missing
 * without a gap. A run that could not search everything rejects with the reason, after it searched the rest.
 */
export function createRepair(options: RepairOptions): () => Promise<void> {
  const {db, counters, log, intervals, toDb, onChanged} = options;
  const {provenAt, oldest} = options.consumer;
  let sweptAt = performance.now();
  let sweptWideAt = performance.now();
  const passGaps = async (start: number): Promise<unknown> => {
    const {open, filled, recovered, quarantined, failed} = await fillGaps(db, {onChanged, onChunk: progressOf(log)});
    counters.gaps({open, filled});
    if (filled + recovered + quarantined.length > 0) {
      report(options, 'fill_gaps', start, {recovered, quarantined});
      log.info({filled, open, recovered}, 'gaps');
    }
    return failed;
  };
  const sweepUntil = async (start: number, proven: Micros): Promise<unknown> => {
    const wide = start - sweptWideAt >= intervals.wideSweep;
    const now = nowMicros();
    // What was published since the last proof may be on its way, or in a gap that no worker has noticed yet.
    const until = Math.min(now, proven, oldest() ?? now) - intervals.settle * 1000;
    const span = wide ? WIDE_SPAN : SWEEP_SPAN;
    const since = wide && options.full ? undefined : toDb(now - span);
    const found = await sweep(options, since, toDb(until));
    sweptAt = performance.now();
    if (wide) sweptWideAt = sweptAt;
    report(options, 'sweep', start, found);
    restate(options, found.restated);
    if (found.recovered > 0) log.warn({recovered: found.recovered, first: found.first}, 'trades that no gap explains');
    return found.failed;
  };
  return async () => {
    const start = performance.now();
    const pending = options.hasPendingGaps();
    const gapsFailed = await passGaps(start);
    const {restated, accounts} = await settleRowless(db, isoMicros(toDb(nowMicros()) - ROWLESS_SPAN));
    onChanged({accounts, symbols: []});
    restate(options, restated);
    const proven = provenAt();
    const due = proven !== undefined && !pending && start - sweptAt >= intervals.sweep;
    const sweepFailed = due ? await sweepUntil(start, proven) : undefined;
    const failed = gapsFailed ?? sweepFailed;
    if (failed !== undefined) throw failed;
  };
}

/** Tells how a fill goes on that takes long. */
function progressOf(log: RepairOptions['log']): (recovered: number) => void {
  let toldAt = performance.now();
  return recovered => {
    if (performance.now() - toldAt < PROGRESS_MS) return;
    toldAt = performance.now();
    log.info({recovered}, 'filling');
  };
}

function restate({counters, log}: RepairOptions, restated: number): void {
  if (restated === 0) return;
  counters.recovered(0, 0, restated);
  log.warn({restated}, 'figures restated to those of the rows');
}

function report(
  {performanceLog, counters, log}: RepairOptions,
  operation: string,
  start: number,
  {recovered, quarantined}: Pick<FillResult, 'recovered' | 'quarantined'>,
): void {
  performanceLog.ran(operation, performance.now() - start, recovered);
  counters.recovered(recovered, quarantined.length);
  for (const trade of quarantined) log.error({trade}, 'quarantined');
}
