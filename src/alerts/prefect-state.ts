import type {Severity} from '../core/severity.ts';
import type {PrefectRunRow, PrefectWorkerRow} from '../monitor/prefect-runs.ts';
import {judge, LIMITS} from './limits.ts';

/** A run that takes less says nothing of a trend. */
const LEAST_SECONDS = 60;

/** How long a run has been running, in times of its flow's usual duration; undefined: that is not known. */
export const longTimes = ({kind, seconds, usualSeconds}: PrefectRunRow): number | undefined =>
  kind !== 'running' || usualSeconds === undefined || seconds < LEAST_SECONDS
    ? undefined
    : seconds / Math.max(usualSeconds, 1);

/** How bad a flow run is. A failed one is over once a later run of its flow has completed. */
export function runSeverity(run: PrefectRunRow): Severity {
  if (run.kind === 'late') return judge(run.seconds, LIMITS.lateRun);
  if (run.kind === 'failed') return run.recovered ? 'ok' : 'warn';
  return judge(longTimes(run) ?? 0, LIMITS.longRun);
}

/** How bad a worker or a pool is: a silent worker counts where no other of its pool is left. */
export function workerPoolSeverity({kind, status, paused, seconds = 0, online}: PrefectWorkerRow): Severity {
  if (kind === 'worker') return seconds > LIMITS.prefectWorker && online === 0 ? 'warn' : 'ok';
  return status === 'NOT_READY' && !paused ? 'warn' : 'ok';
}
