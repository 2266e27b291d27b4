import {z} from 'zod';
import {decodeOne, number, rowSchema} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import {SourceError} from './source-error.ts';

const TABLES = 'monitor/prefect_tables';
const RUNS = 'monitor/prefect_runs';

const tables = rowSchema({initialised: z.boolean(), missing: z.string()});
const runs = rowSchema({
  late_runs: number,
  running_runs: number,
  /** Failed or crashed within the last 24 hours. */
  failed_runs: number,
});

/** Prefect's database and its flow runs. */
export type PrefectRow = z.output<typeof runs> & {
  /** False: Prefect has not made its tables yet. */
  readonly initialised: boolean;
  /** Round trip of the first statement, in milliseconds. */
  readonly latencyMs: number;
};

const NO_RUNS = {lateRuns: 0, runningRuns: 0, failedRuns: 0} as const;

/** Whether Prefect's database answers, whether Prefect has made its tables, and its runs. */
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
      if (!initialised) return {prefect: [{...NO_RUNS, initialised, latencyMs}]};
      if (missing) {
        throw new SourceError({
          why: 'unsupported',
          message: `Prefect’s table flow_run has no column ${missing}`,
          next: 'This release of Prefect stores its runs in another way; update tradetop.',
        });
      }
      return {prefect: [{...decodeOne(runs, await io.query(RUNS), RUNS), initialised, latencyMs}]};
    },
};
