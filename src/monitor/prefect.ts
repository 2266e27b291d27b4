import {z} from 'zod';
import {decodeOne, number} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import type {PrefectRow} from './rows.ts';
import {SourceError} from './source-error.ts';

const TABLES = 'monitor/prefect_tables';
const RUNS = 'monitor/prefect_runs';

const tables = z.object({initialised: z.boolean(), missing: z.string()});
const runs = z.object({late_runs: number, running_runs: number, failed_runs: number});

/** Prefect's database: whether it answers, whether Prefect has made its tables, and its runs. */
export const prefectPoller: Poller<{prefect: PrefectRow}> = {
  ids: ['prefect'],
  everyMs: 5000,
  timeoutMs: TIMEOUT_MS,
  sql: [TABLES, RUNS],
  deltas: false,
  reader:
    () =>
    async ({prefect: io}) => {
      let latencyMs = 0;
      const timed = (ms: number): void => {
        latencyMs = ms;
      };
      const {initialised, missing} = decodeOne(tables, await io.query(TABLES, [], {timed}), TABLES);
      if (!initialised) return {prefect: [{initialised, lateRuns: 0, runningRuns: 0, failedRuns: 0, latencyMs}]};
      if (missing) {
        throw new SourceError({
          why: 'unsupported',
          message: `Prefect’s table flow_run has no column ${missing}`,
          next: 'This release of Prefect keeps its runs otherwise; update tradetop.',
        });
      }
      const counts = decodeOne(runs, await io.query(RUNS), RUNS);
      return {
        prefect: [
          {
            initialised,
            lateRuns: counts.late_runs,
            runningRuns: counts.running_runs,
            failedRuns: counts.failed_runs,
            latencyMs,
          },
        ],
      };
    },
};
