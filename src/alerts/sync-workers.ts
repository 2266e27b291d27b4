import type {Severity} from '../core/severity.ts';
import type {SyncWorkerRow} from '../monitor/sync.ts';
import {judge, LIMITS} from './finding.ts';

/**
 * How a worker is. `failing`: the database takes no batch; `deaf`: the bus is not heard; `silent`: no sign of life for
 * longer than it should be, without a goodbye; `stopped`: with one.
 */
export type WorkerState = 'running' | 'failing' | 'deaf' | 'silent' | 'stopped';

/** How a worker was when it was read. */
export function workerState({stoppedAt, silentSeconds, figures}: SyncWorkerRow): WorkerState {
  if (stoppedAt !== undefined) return 'stopped';
  if (silentSeconds > LIMITS.silent.warn) return 'silent';
  if (figures.failing !== undefined) return 'failing';
  return figures.link === 'down' || figures.link === 'denied' ? 'deaf' : 'running';
}

/** How bad that is. */
export function workerSeverity(worker: SyncWorkerRow): Severity {
  const state = workerState(worker);
  if (state === 'silent') return judge(worker.silentSeconds, LIMITS.silent);
  return state === 'failing' || state === 'deaf' ? 'crit' : 'ok';
}

/** The workers that give signs of life: what they tell is true now. */
export const livingOf = (workers: readonly SyncWorkerRow[]): readonly SyncWorkerRow[] =>
  workers.filter(worker => !['silent', 'stopped'].includes(workerState(worker)));
