import {z} from 'zod';
import {decode, instant, key, maybeNumber, maybeText, number, rowSchema, text} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import {findPrefect, PREFECT_TABLES} from './prefect.ts';

const RUNS = 'monitor/prefect_flow_runs';
const WORKERS = 'monitor/prefect_workers';

const run = rowSchema({
  kind: z.enum(['late', 'running', 'failed']),
  id: key,
  flow: maybeText,
  name: text,
  state_type: text,
  state_name: maybeText,
  /** When it was due, when it began, or when it failed. */
  at: instant,
  /** Since then, by the server's clock. */
  seconds: number,
  /** The usual duration of its flow; undefined: too few runs have completed. */
  usual_seconds: maybeNumber,
  /** It failed, and a later run of its flow has completed. */
  recovered: z.boolean(),
});
const worker = rowSchema({
  kind: z.enum(['worker', 'pool']),
  name: text,
  /** Of a worker: its pool. */
  pool: maybeText,
  type: maybeText,
  status: maybeText,
  paused: z
    .boolean()
    .nullable()
    .transform(paused => paused === true),
  /** Of a worker: its last heartbeat. */
  at: instant,
  /** Since then, by the server's clock. */
  seconds: maybeNumber,
  /** Workers of the pool that give a sign of life. */
  online: number,
});

/** A flow run that is late, is running, or has failed. */
export type PrefectRunRow = z.output<typeof run>;

/** A worker of Prefect's, or a work pool. */
export type PrefectWorkerRow = z.output<typeof worker>;

/** Prefect's flow runs that are worth a look, its workers and its work pools; none where Prefect has no tables yet. */
export const prefectRunsPoller: Poller<{prefect_runs: PrefectRunRow; prefect_workers: PrefectWorkerRow}> = {
  ids: ['prefect_runs', 'prefect_workers'],
  everyMs: 10_000,
  timeoutMs: TIMEOUT_MS,
  sql: [PREFECT_TABLES, RUNS, WORKERS],
  deltas: false,
  reader:
    () =>
    async ({prefect: io}) => {
      const found = await findPrefect(io);
      const runs = found?.listsRuns ? await io.query(RUNS, [], {names: found.names}) : [];
      const workers = found?.listsWorkers ? await io.query(WORKERS, [], {names: found.names}) : [];
      return {prefect_runs: decode(run, runs, RUNS), prefect_workers: decode(worker, workers, WORKERS)};
    },
};
