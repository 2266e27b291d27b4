import type {Pg} from '../io/pg.ts';
import {QUICK} from './session.ts';

/** A slower run counts as slow: the review's threshold. */
const SLOW_MS = 1000;

/** What the synchroniser's own operations cost, for logging.performance_logs. */
export type PerformanceLog = {
  /** An operation ran for `ms` milliseconds, on so many trades. */
  readonly ran: (operation: string, ms: number, trades: number) => void;
  /** Writes a row for each operation that ran since the last call. */
  readonly write: (db: Pg) => Promise<void>;
};

type Sum = {
  readonly runs: number;
  readonly ms: number;
  readonly slow: number;
  readonly worst: number;
  readonly trades: number;
};

const NO_RUNS: Sum = {runs: 0, ms: 0, slow: 0, worst: 0, trades: 0};

export function createPerformanceLog(): PerformanceLog {
  let sums = new Map<string, Sum>();
  let since = performance.now();
  return {
    ran: (operation, ms, trades) => {
      const sum = sums.get(operation) ?? NO_RUNS;
      sums.set(operation, {
        runs: sum.runs + 1,
        ms: sum.ms + ms,
        slow: sum.slow + (ms > SLOW_MS ? 1 : 0),
        worst: Math.max(sum.worst, ms),
        trades: sum.trades + trades,
      });
    },
    write: async db => {
      const [taken, span] = [sums, performance.now() - since];
      sums = new Map();
      since = performance.now();
      for (const [operation, {runs, ms, slow, worst, trades}] of taken) {
        const details = JSON.stringify({trades, worst_ms: Math.round(worst * 10) / 10});
        const row = [operation, span.toFixed(3), (ms / runs / 1000).toFixed(6), runs, slow, details];
        await db.query('sync/performance', row, QUICK);
      }
    },
  };
}
