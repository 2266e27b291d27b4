import {age} from '../core/format.ts';
import type {MaintenanceRow} from '../monitor/maintenance.ts';
import {maintenanceTrouble} from './maintenance-state.ts';
import {type AlertRule, found, type Seen} from './rule.ts';

const troubled = ({samples}: Seen, trouble: 'missed' | 'failed'): readonly MaintenanceRow[] =>
  samples.maintenance.rows.filter(row => maintenanceTrouble(row) === trouble);

const rowOf = ({job}: MaintenanceRow) => ({pane: 'maintenance', key: job}) as const;

/** Scheduled maintenance. */
export const maintenanceRules: readonly AlertRule[] = [
  {
    id: 'maintenance_missed',
    when: 'a run of scheduled maintenance was due, its grace has passed, and nobody has started it',
    needs: ['maintenance'],
    owner: 'database',
    todo: 'See that tradetop maintain --schedule runs; tradetop maintain ACTION does the work by hand meanwhile.',
    find: state =>
      troubled(state, 'missed').flatMap(row => {
        const late = row.runningAt === undefined && (row.lateSeconds ?? 0) > 0;
        const dueAt = late ? row.nextAt : row.lastDueAt;
        const ago = dueAt === undefined ? '' : ` ${age((state.at - dueAt) / 1e6)} ago`;
        const reason = late || row.detail === undefined ? '' : `: ${row.detail}`;
        return found('warn', {
          subject: row.job,
          text: `${row.job} was due${ago} and was not started${reason}`,
          since: late ? row.startBy : dueAt,
          row: rowOf(row),
        });
      }),
  },
  {
    id: 'maintenance_failed',
    when: 'the last run of a job of scheduled maintenance failed',
    needs: ['maintenance'],
    owner: 'database',
    todo: '⏎ in Maintenance shows why. Mend that; tradetop maintain ACTION does the work before the next run.',
    find: state =>
      troubled(state, 'failed').flatMap(row =>
        found('warn', {
          subject: row.job,
          text: row.cutOff
            ? `${row.job} was cut off: its scheduler${row.runningHost ? ` on ${row.runningHost}` : ''} is gone`
            : `${row.job} failed${row.detail === undefined ? '' : `: ${row.detail}`}`,
          since: row.cutOff ? row.runningAt : row.endedAt,
          row: rowOf(row),
        }),
      ),
  },
];
