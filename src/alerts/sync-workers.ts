import type {Severity} from '../core/severity.ts';
import type {SyncWorkerRow} from '../monitor/sync.ts';
import {judge, LIMITS} from './limits.ts';

/**
 * The state of a worker. `failing`: the database accepts no batch; `deaf`: it has no subscription to the bus; `silent`:
 * no heartbeat for too long, and no goodbye; `stopped`: it said goodbye.
 */
export type WorkerState = 'running' | 'failing' | 'deaf' | 'silent' | 'stopped';

/** The state of a worker at its reading. */
export function workerState({stoppedAt, silentSeconds, figures}: SyncWorkerRow): WorkerState {
  if (stoppedAt !== undefined) return 'stopped';
  if (silentSeconds > LIMITS.silent.warn) return 'silent';
  if (figures.failing !== undefined) return 'failing';
  return figures.link === 'down' || figures.link === 'denied' ? 'deaf' : 'running';
}

/** How bad that state is. */
export function workerSeverity(worker: SyncWorkerRow): Severity {
  const state = workerState(worker);
  if (state === 'silent') return judge(worker.silentSeconds, LIMITS.silent);
  return state === 'failing' || state === 'deaf' ? 'crit' : 'ok';
}

/** The workers with a recent heartbeat: their figures are true now. */
export const livingOf = (workers: readonly SyncWorkerRow[]): readonly SyncWorkerRow[] =>
  workers.filter(worker => !['silent', 'stopped'].includes(workerState(worker)));
