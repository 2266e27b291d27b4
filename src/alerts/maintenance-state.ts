import type {Severity} from '../core/severity.ts';
import type {MaintenanceRow} from '../monitor/maintenance.ts';

/** What a job of scheduled maintenance does, in a word; `off`: no run is planned. */
export type MaintenanceState = 'running' | 'cut off' | 'late' | 'missed' | 'failed' | 'planned' | 'off';

/** The state of a job. A failed or missed run counts until a later one ends well, while runs are planned. */
export function maintenanceState({
  runningAt,
  cutOff,
  nextAt,
  lateSeconds = 0,
  outcome,
}: MaintenanceRow): MaintenanceState {
  if (cutOff) return 'cut off';
  if (runningAt !== undefined) return 'running';
  if (nextAt === undefined) return 'off';
  if (lateSeconds > 0) return 'late';
  return endedIn(outcome) ?? 'planned';
}

const endedIn = (outcome: string | undefined): 'missed' | 'failed' | undefined =>
  outcome === 'missed' ? 'missed' : outcome === 'failed' ? 'failed' : undefined;

/** Whether the last run of a job was missed or failed, or the next one is late: not of a job that is off. */
export const maintenanceTrouble = (row: MaintenanceRow): 'missed' | 'failed' | undefined => {
  if (row.nextAt === undefined && row.runningAt === undefined) return undefined;
  if (row.cutOff) return 'failed';
  // The run that should have started comes after the last one.
  if (row.runningAt === undefined && (row.lateSeconds ?? 0) > 0) return 'missed';
  return endedIn(row.outcome);
};

/** How bad the state of a job is. */
export const maintenanceSeverity = (row: MaintenanceRow): Severity =>
  maintenanceTrouble(row) === undefined ? 'ok' : 'warn';
