import {type Micros, nowMicros} from '../core/time.ts';
import type {Log} from '../io/log.ts';
import type {Pg} from '../io/pg.ts';
import type {FillResult} from './fill.ts';
import {fillGaps, sweep} from './gaps.ts';
import type {PerformanceSource} from './performance.ts';
import type {SyncCounters} from './stats.ts';

/** A sweep looks so far back; a full one has no limit. */
const SWEEP_SPAN: Micros = 3600 * 1_000_000;

export type Mending = {
  readonly care: Pg;
  readonly name: string;
  readonly tally: SyncCounters;
  readonly spent: PerformanceSource;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  /** Milliseconds between two sweeps, between two of everything, and how old a trade must be not to be on its way yet. */
  readonly times: {readonly sweep: number; readonly fullSweep: number; readonly settle: number};
  /** Undefined before the first subscription: nothing is missing then that its gap will not explain. */
  readonly provenAt: () => Micros | undefined;
  readonly oldest: () => Micros | undefined;
  /** A time of ours by the database's clock. */
  readonly toDb: (at: Micros) => Micros;
  /** Gaps that are not written down yet, and so not looked through. */
  readonly pending: () => readonly unknown[];
};

/** One turn of mending: a pass over the open gaps, and from time to time the sweep that needs no gap to find what is missing. */
export function mending({
  care,
  name,
  tally,
  spent,
  log,
  times,
  provenAt,
  oldest,
  toDb,
  pending,
}: Mending): () => Promise<void> {
  let sweptAt = performance.now();
  let sweptAllAt = performance.now();
  const recovered = (operation: string, start: number, trades: number, aside: FillResult['quarantined']): void => {
    spent.ran(operation, performance.now() - start, trades);
    tally.recovered(trades, aside.length);
    for (const trade of aside) log.error({trade}, 'quarantined');
  };
  // Gives why something could not be looked through; all else was.
  const turn = async (): Promise<unknown> => {
    const start = performance.now();
    const explained = pending().length === 0;
    const gaps = await fillGaps(care);
    tally.gaps({open: gaps.open, filled: gaps.filled});
    if (gaps.filled + gaps.recovered + gaps.quarantined.length > 0) {
      recovered('fill_gaps', start, gaps.recovered, gaps.quarantined);
      log.info({filled: gaps.filled, open: gaps.open, recovered: gaps.recovered}, 'gaps');
    }
    const proven = provenAt();
    if (proven === undefined || !explained || start - sweptAt < times.sweep) return gaps.failed;
    const all = start - sweptAllAt >= times.fullSweep;
    const now = nowMicros();
    // What was published since the last proof may be on its way, or in a gap that nobody has noticed yet.
    const until = Math.min(now, proven, oldest() ?? now) - times.settle * 1000;
    const found = await sweep(care, name, all ? undefined : toDb(now - SWEEP_SPAN), toDb(until));
    sweptAt = performance.now();
    if (all) sweptAllAt = sweptAt;
    recovered('sweep', start, found.recovered, found.quarantined);
    if (found.recovered > 0) log.warn({recovered: found.recovered, first: found.first}, 'trades that no gap explains');
    return gaps.failed ?? found.failed;
  };
  return async () => {
    const failed = await turn();
    if (failed !== undefined) throw failed;
  };
}
