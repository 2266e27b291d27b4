import {runSeverity, workerPoolSeverity} from '../../../src/alerts/prefect-state.ts';
import {plural} from '../../../src/core/format.ts';
import {byWorst, type Severity} from '../../../src/core/severity.ts';
import type {Micros} from '../../../src/core/time.ts';
import type {PrefectRunRow, PrefectWorkerRow} from '../../../src/monitor/prefect-runs.ts';

/** A row of the pane: a flow run, a worker or a work pool. */
export type PrefectPaneRow = {
  readonly severity: Severity;
  readonly name: string;
  readonly state: string;
  /** When it was due, began, failed or was last heard. */
  readonly at: Micros | undefined;
  readonly note: string;
} & (
  | {readonly kind: 'run'; readonly of: PrefectRunRow}
  | {readonly kind: 'worker'; readonly of: PrefectWorkerRow}
  | {readonly kind: 'pool'; readonly of: PrefectWorkerRow}
);

/** The worst first; of the same severity runs, as they are listed, before workers and pools. */
export function prefectRows(
  runs: readonly PrefectRunRow[],
  workers: readonly PrefectWorkerRow[],
): readonly PrefectPaneRow[] {
  const rows: readonly PrefectPaneRow[] = [...runs.map(runRow), ...workers.map(workerRow)];
  return rows.toSorted(byWorst);
}

function runRow(of: PrefectRunRow): PrefectPaneRow {
  const {flow, name, kind, stateName, stateType, recovered, at} = of;
  return {
    kind: 'run',
    of,
    severity: runSeverity(of),
    name: flow ?? name,
    state: kind === 'failed' ? stateType.toLowerCase() : kind,
    at,
    note: [name, stateName ?? '', recovered ? 'a later run has completed' : ''].filter(Boolean).join(' · '),
  };
}

function workerRow(of: PrefectWorkerRow): PrefectPaneRow {
  const {kind, name, pool, type, status, paused, at, online} = of;
  const severity = workerPoolSeverity(of);
  if (kind === 'pool') {
    const state = paused ? 'paused' : (status ?? 'unknown').toLowerCase().replace('_', ' ');
    const note = [type, plural(online, 'worker')].filter(Boolean).join(' · ');
    return {kind, of, severity, name, state, at, note};
  }
  return {
    kind,
    of,
    severity,
    name,
    state: severity === 'ok' ? 'heard' : 'silent',
    at,
    note: `pool ${pool ?? 'unknown'}`,
  };
}

/** The identity of a row while readings come and go. */
export const prefectKey = (row: PrefectPaneRow): string =>
  row.kind === 'run' ? `run ${row.of.id}` : `${row.kind} ${row.of.name}`;
