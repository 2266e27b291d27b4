import {count, plural} from '../../../src/core/format.ts';
import {clock, isoMicros} from '../../../src/core/time.ts';
import type {State} from '../../../src/model/state.ts';
import type {LogCountsRow} from '../../../src/monitor/logs.ts';
import {detailColumn, severityColumn, textColumn} from '../../lines/columns.ts';
import {lineWidth} from '../../lines/line.ts';
import {remark, statusOf} from '../../lines/status.ts';
import type {Column} from '../../lines/table.ts';
import {GLYPH, type Line, type Span} from '../../lines/theme.ts';
import {definePane} from '../shared/define-pane.tsx';
import {leadsOfId} from './correlation.ts';
import {logPaneRows, type LogPaneRow as Row} from './row.ts';

const notificationOf = (row: Row) => (row.kind === 'notification' ? row.of : undefined);

const columns: readonly Column<Row>[] = [
  textColumn({
    id: 'at',
    title: 'TIME',
    priority: 0,
    width: 8,
    value: row => (row.at === undefined ? undefined : isoMicros(row.at)),
    text: row => (row.at === undefined ? '' : clock(row.at)),
    style: () => 'faint',
  }),
  severityColumn({of: row => row.severity, quiet: true}),
  textColumn({
    id: 'level',
    title: 'LEVEL',
    priority: 0,
    width: 7,
    ideal: 8,
    max: 8,
    value: row => row.level,
    style: row =>
      row.severity === 'crit' ? 'crit' : row.level === 'ERROR' || row.level === 'failed' ? 'strong' : undefined,
  }),
  textColumn({id: 'service', title: 'SERVICE', priority: 0, width: 8, ideal: 15, max: 32, value: row => row.service}),
  textColumn({id: 'event_type', title: 'EVENT', priority: 2, width: 8, ideal: 14, max: 24, value: row => row.event}),
  textColumn({
    id: 'message',
    title: 'TEXT',
    priority: 0,
    width: 12,
    ideal: 40,
    max: 1000,
    share: 0.4,
    value: row => row.text,
  }),
  textColumn({
    id: 'correlation_id',
    title: 'CORRELATION',
    priority: 3,
    width: 11,
    ideal: 14,
    max: 38,
    value: row => row.of.correlationId,
  }),
  detailColumn({id: 'kind', value: row => row.kind}),
  detailColumn({id: 'id', value: row => row.of.id}),
  detailColumn({id: 'context', value: row => (row.kind === 'log' ? row.of.context : undefined)}),
  detailColumn({id: 'channel', value: row => notificationOf(row)?.channel}),
  detailColumn({id: 'attempts', value: row => notificationOf(row)?.attempts}),
  detailColumn({id: 'event_severity', value: row => notificationOf(row)?.severity}),
];

const OF_NOTIFICATIONS = ['channel', 'attempts', 'event_severity'];

/** The last log lines of the services, and the notifications that were not sent. */
export const logsPane = definePane({
  id: 'logs',
  title: 'Logs & notifications',
  columns,
  select: ({samples: {logs, log_counts: counts, notifications}, at}: State) => ({
    status: statusOf(logs, at),
    logs: logs.rows,
    counts: counts.rows,
    notifications: notifications.rows,
    countsRemark: logs.failure === undefined ? remark('counts and notifications', counts, at) : undefined,
  }),
  rows: ({logs, notifications}, memo): readonly Row[] => {
    const before = memo.get(logs) as {readonly notifications: unknown; readonly rows: readonly Row[]} | undefined;
    if (before?.notifications === notifications && before !== undefined) return before.rows;
    const rows = logPaneRows(logs, notifications);
    memo.set(logs, {notifications, rows});
    return rows;
  },
  rowKey: row => `${row.kind} ${row.of.id}`,
  head: ({counts}, rows) => levels(counts, rows),
  foot: ({counts}, _rows, room) => byService(counts, room),
  remarks: ({countsRemark}) => (countsRemark === undefined ? [] : [countsRemark]),
  empty: 'no log line',
  brief: ({counts}, rows): Line => {
    const bad = rows.find(row => row.severity !== 'ok');
    return [...levels(counts, rows), [bad === undefined ? '' : `  last ${bad.service}: ${bad.text}`, 'faint']];
  },
  applies: (row, id) => (row.kind === 'notification' ? id !== 'context' : !OF_NOTIFICATIONS.includes(id)),
  lead: row => leadsOfId(row.of.correlationId),
  rowStyle: row => (row.level === 'DEBUG' || row.level === 'INFO' ? 'faint' : undefined),
});

const sum = (counts: readonly LogCountsRow[], level: string): number =>
  counts.reduce((n, row) => (row.level === level ? n + row.lines : n), 0);

/** What there was of each level in ten minutes, the worst first, and the notifications that failed. */
function levels(counts: readonly LogCountsRow[], rows: readonly Row[]): Line {
  const [critical, errors, warnings] = ['CRITICAL', 'ERROR', 'WARNING'].map(level => sum(counts, level)) as [
    number,
    number,
    number,
  ];
  const failed = rows.filter(row => row.kind === 'notification' && row.of.status === 'failed').length;
  return [
    ...(critical > 0
      ? ([
          [`${GLYPH.crit} `, 'crit'],
          [`${count(critical)} critical · `, 'crit'],
        ] as const)
      : []),
    ...(failed > 0
      ? ([
          [`${GLYPH.warn} `, 'warn'],
          [`${count(failed)} not sent · `, 'strong'],
        ] as const)
      : []),
    [plural(errors, 'error'), errors > 0 ? 'strong' : 'faint'],
    [` · ${plural(warnings, 'warning')} · in 10 min`, 'faint'],
  ];
}

/** Each service's lines in ten minutes, those with errors first, as many as there is room for. */
function byService(counts: readonly LogCountsRow[], room: number): Line {
  const services = [...new Set(counts.map(row => row.service))].map(service => {
    const own = counts.filter(row => row.service === service);
    return {service, lines: own.reduce((n, row) => n + row.lines, 0), errors: sum(own, 'ERROR') + sum(own, 'CRITICAL')};
  });
  const spans = services
    .toSorted((a, b) => b.errors - a.errors || b.lines - a.lines)
    .map(
      ({service, lines, errors}, i): Span => [
        `${i === 0 ? '' : ' · '}${service} ${count(lines)}${errors > 0 ? ` (${plural(errors, 'error')})` : ''}`,
        'faint',
      ],
    );
  return spans.filter((_, i) => lineWidth(spans.slice(0, i + 1)) <= room);
}
