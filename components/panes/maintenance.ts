import {maintenanceSeverity, maintenanceState, maintenanceTrouble} from '../../src/alerts/maintenance-state.ts';
import {age, count, duration, plural} from '../../src/core/format.ts';
import {clock, type Micros} from '../../src/core/time.ts';
import type {State} from '../../src/model/state.ts';
import type {MaintenanceRow} from '../../src/monitor/maintenance.ts';
import {ageColumn, detailColumn, isoOrNull, NONE, numberColumn, severityColumn, textColumn} from '../lines/columns.ts';
import {statusOf} from '../lines/status.ts';
import type {Column} from '../lines/table.ts';
import {GLYPH, type Line} from '../lines/theme.ts';
import {definePane} from './shared/define-pane.tsx';

/** How long it is to a time: `in 5h10m`; `2m ago` where it has passed. */
const until = (at: Micros, now: Micros): string =>
  at > now ? `in ${age((at - now) / 1e6)}` : `${age((now - at) / 1e6)} ago`;

const columns: readonly Column<MaintenanceRow>[] = [
  severityColumn({of: maintenanceSeverity}),
  textColumn({
    id: 'job',
    title: 'JOB',
    priority: 0,
    width: 12,
    ideal: 17,
    max: 20,
    value: row => row.job,
    style: () => 'strong',
  }),
  textColumn({
    id: 'state',
    title: 'STATE',
    priority: 0,
    width: 7,
    value: maintenanceState,
    style: row => (maintenanceTrouble(row) === undefined ? undefined : 'strong'),
  }),
  {
    ...ageColumn({id: 'next_at', title: 'NEXT', priority: 0, width: 9, at: row => row.nextAt}),
    text: ({nextAt}, {now}) => (nextAt === undefined ? NONE : until(nextAt, now)),
  },
  ageColumn({id: 'last_due_at', title: 'LAST', priority: 1, width: 6, at: row => row.lastDueAt, missing: NONE}),
  textColumn({
    id: 'outcome',
    title: 'ENDED',
    priority: 0,
    width: 7,
    max: 9,
    value: row => row.outcome,
    style: row => (row.outcome === 'failed' || row.outcome === 'missed' ? 'strong' : undefined),
  }),
  numberColumn({
    id: 'took_seconds',
    title: 'TOOK',
    priority: 2,
    width: 7,
    value: row => row.tookSeconds,
    format: seconds => duration(seconds * 1000),
  }),
  textColumn({
    id: 'host',
    title: 'HOST',
    priority: 3,
    width: 8,
    ideal: 12,
    max: 30,
    value: row => row.runningHost ?? row.host,
  }),
  textColumn({
    id: 'detail',
    title: 'WHAT WAS DONE',
    priority: 0,
    width: 12,
    ideal: 30,
    max: 2000,
    share: 0.5,
    value: row => row.detail,
    text: row => row.detail ?? '',
  }),
  detailColumn({id: 'start_by', value: row => isoOrNull(row.startBy)}),
  detailColumn({
    id: 'late_seconds',
    value: row => (row.lateSeconds === undefined ? undefined : Math.max(0, row.lateSeconds)),
  }),
  detailColumn({id: 'running_at', value: row => isoOrNull(row.runningAt)}),
  detailColumn({id: 'stop_at', value: row => isoOrNull(row.stopAt)}),
  detailColumn({id: 'started_at', value: row => isoOrNull(row.startedAt)}),
  detailColumn({id: 'ended_at', value: row => isoOrNull(row.endedAt)}),
];

/** Scheduled maintenance: each job's last and next run. */
export const maintenancePane = definePane({
  id: 'maintenance',
  title: 'Maintenance',
  columns,
  select: ({samples: {maintenance}, at}: State) => ({status: statusOf(maintenance, at), rows: maintenance.rows}),
  rows: ({rows}) => rows.toSorted((a, b) => order(a) - order(b) || (a.nextAt ?? 0) - (b.nextAt ?? 0)),
  rowKey: row => row.job,
  head: (_data, rows) => summary(rows),
  foot: () => [['tradetop maintain --schedule runs them', 'faint']],
  empty: 'nothing is scheduled: tradetop maintain --schedule runs maintenance by itself',
  brief: (_data, rows): Line => summary(rows),
  rowStyle: row => (maintenanceState(row) === 'off' ? 'faint' : undefined),
});

/** What runs, then what is wrong, then by the next run; what is off comes last. */
const order = (row: MaintenanceRow): number => {
  const state = maintenanceState(row);
  if (state === 'running') return 0;
  if (state === 'off') return 3;
  return maintenanceTrouble(row) === undefined ? 2 : 1;
};

function summary(rows: readonly MaintenanceRow[]): Line {
  const of = (trouble: 'missed' | 'failed'): number => rows.filter(row => maintenanceTrouble(row) === trouble).length;
  const [missed, failed] = [of('missed'), of('failed')];
  const running = rows.find(row => maintenanceState(row) === 'running');
  const [next] = rows.flatMap(row => row.nextAt ?? []).toSorted((a, b) => a - b);
  return [
    ...(missed + failed > 0 ? ([[`${GLYPH.warn} `, 'warn']] as const) : []),
    ...(missed > 0 ? ([[`${count(missed)} missed · `, 'strong']] as const) : []),
    ...(failed > 0 ? ([[`${count(failed)} failed · `, 'strong']] as const) : []),
    ...(running === undefined ? [] : ([[`${running.job} runs · `]] as const)),
    [plural(rows.length, 'job'), 'faint'],
    [next === undefined ? '' : ` · next ${clock(next).slice(0, 5)}Z`, 'faint'],
  ];
}
