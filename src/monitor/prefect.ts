import {z} from 'zod';
import type {Io} from '../io/io.ts';
import {decodeOne, number, rowSchema, text} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import {SourceError} from './source-error.ts';

/** The statement that finds Prefect's tables. */
export const PREFECT_TABLES = 'monitor/prefect_tables';
const RUNS = 'monitor/prefect_runs';

const tables = rowSchema({
  schema: z.string().nullable(),
  missing: text,
  lists_runs: z.boolean(),
  lists_workers: z.boolean(),
});
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

/** Where Prefect's tables are, and which of them this release of ours can list. `timed` receives the round trip. */
export async function findPrefect(io: Io, timed: (ms: number) => void = () => {}) {
  const {schema, missing, ...lists} = decodeOne(tables, await io.query(PREFECT_TABLES, [], {timed}), PREFECT_TABLES);
  if (schema === null) return undefined;
  if (missing) {
    throw new SourceError({
      why: 'unsupported',
      message: `Prefect’s table flow_run has no column ${missing}`,
      next: 'This release of Prefect stores its runs in another way; update tradetop.',
    });
  }
  return {...lists, names: {schema}};
}

/** Whether Prefect's database answers, whether Prefect has made its tables, and its runs. */
export const prefectPoller: Poller<{prefect: PrefectRow}> = {
  ids: ['prefect'],
  everyMs: 5000,
  timeoutMs: TIMEOUT_MS,
  sql: [PREFECT_TABLES, RUNS],
  deltas: false,
  reader:
    () =>
    async ({prefect: io}) => {
      let latencyMs = 0;
      const found = await findPrefect(io, ms => {
        latencyMs = ms;
      });
      if (found === undefined) return {prefect: [{...NO_RUNS, initialised: false, latencyMs}]};
      const {names} = found;
      return {prefect: [{...decodeOne(runs, await io.query(RUNS, [], {names}), RUNS), initialised: true, latencyMs}]};
    },
};
