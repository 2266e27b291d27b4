import {count, duration, plural} from '../../src/core/format.ts';
import {clock, isoMicros} from '../../src/core/time.ts';
import type {State} from '../../src/model/state.ts';
import type {AuditRow} from '../../src/monitor/audit.ts';
import {ageColumn, detailColumn, numberColumn, textColumn} from '../lines/columns.ts';
import {statusOf} from '../lines/status.ts';
import type {Column} from '../lines/table.ts';
import type {Line} from '../lines/theme.ts';
import {definePane} from './shared/define-pane.tsx';

const columns: readonly Column<AuditRow>[] = [
  textColumn({
    id: 'at',
    title: 'TIME',
    priority: 0,
    width: 8,
    value: row => (row.at === undefined ? undefined : isoMicros(row.at)),
    text: row => (row.at === undefined ? '' : clock(row.at)),
    style: () => 'faint',
  }),
  ageColumn({id: 'age', title: 'AGE', priority: 2, width: 6, at: row => row.at}),
  textColumn({
    id: 'user_id',
    title: 'WHO',
    priority: 0,
    width: 8,
    ideal: 12,
    max: 30,
    value: row => row.userId,
    style: () => 'strong',
  }),
  textColumn({
    id: 'operation',
    title: 'OPERATION',
    priority: 0,
    width: 10,
    ideal: 16,
    max: 26,
    value: row => row.operation,
  }),
  textColumn({
    id: 'target',
    title: 'TARGET',
    priority: 0,
    width: 10,
    ideal: 28,
    max: 200,
    share: 0.3,
    value: row => row.target ?? row.tableName,
  }),
  textColumn({
    id: 'result',
    title: 'RESULT',
    priority: 0,
    width: 7,
    ideal: 9,
    max: 10,
    value: row => row.result,
    // The first of an action's two records.
    text: row => row.result ?? 'begun',
    style: row => (row.result === 'failed' || row.result === 'partial' ? 'strong' : undefined),
  }),
  numberColumn({id: 'rows', title: 'ROWS', priority: 3, width: 6, value: row => row.rows, format: count}),
  numberColumn({
    id: 'duration_ms',
    title: 'TOOK',
    priority: 1,
    width: 7,
    value: row => row.durationMs,
    format: duration,
  }),
  textColumn({id: 'db_user', title: 'DB USER', priority: 4, width: 8, ideal: 17, max: 30, value: row => row.dbUser}),
  textColumn({
    id: 'client',
    title: 'FROM',
    priority: 5,
    width: 8,
    ideal: 12,
    max: 40,
    value: row => row.client ?? row.address,
  }),
  detailColumn({id: 'id', value: row => row.id}),
  detailColumn({id: 'os_user', value: row => row.osUser}),
  detailColumn({id: 'application', value: row => row.application}),
  detailColumn({id: 'address', value: row => row.address}),
  detailColumn({id: 'table_name', value: row => row.tableName}),
  detailColumn({id: 'statement', value: row => row.statement}),
  detailColumn({id: 'detail', value: row => row.detail}),
  detailColumn({id: 'correlation_id', value: row => row.correlationId}),
  detailColumn({id: 'backend_pid', value: row => row.backendPid}),
];

/** The audit log: who did what to what, and how it ended, the newest first. */
export const auditPane = definePane({
  id: 'audit',
  title: 'Audit',
  columns,
  select: ({samples: {audit}, at}: State) => ({status: statusOf(audit, at), rows: audit.rows}),
  rows: ({rows}) => rows,
  rowKey: row => row.id,
  head: (_data, rows) => [[`last ${plural(rows.length, 'record')}`, 'faint'], ...failures(rows)],
  foot: () => [['shared.audit_log', 'faint']],
  empty: 'nothing is in the audit log yet',
  brief: (_data, [last]): Line =>
    last === undefined
      ? [['nothing yet', 'faint']]
      : [
          [
            `${last.userId} ${last.operation} ${last.target ?? last.tableName ?? ''} ${last.result ?? 'begun'}`,
            'faint',
          ],
        ],
  copy: row => row.statement,
  rowStyle: row => (row.result === undefined ? 'faint' : undefined),
});

function failures(rows: readonly AuditRow[]): Line {
  const failed = rows.filter(row => row.result === 'failed').length;
  return failed === 0 ? [] : [[` · ${count(failed)} failed`, 'strong']];
}
