import {compact, count, decimal, duration, percent} from '../../../src/core/format.ts';
import type {RunningRow} from '../../../src/monitor/running.ts';
import {detailColumn, numberColumn, textColumn} from '../../lines/columns.ts';
import type {Column} from '../../lines/table.ts';
import {GLYPH} from '../../lines/theme.ts';
import {callsOf, callsPerSecond, meanMs, running, type SlowRow, slowCalls, statement, waitsFor} from './row.ts';

const FIGURES: readonly Column<SlowRow>[] = [
  numberColumn({
    id: 'mean_ms',
    title: 'MEAN',
    priority: 0,
    width: 7,
    value: meanMs,
    format: duration,
    style: row => (row.slow ? 'strong' : undefined),
  }),
  numberColumn({
    id: 'calls_per_second',
    title: 'CALLS/s',
    priority: 2,
    width: 7,
    value: callsPerSecond,
    format: decimal,
    missing: 'now',
  }),
  numberColumn({
    id: 'percent',
    title: '% TIME',
    priority: 1,
    width: 6,
    value: statement(s => s.percent),
    format: decimal,
  }),
  numberColumn({id: 'calls', title: 'CALLS', priority: 6, width: 6, value: callsOf, format: count}),
  numberColumn({
    id: 'total_ms',
    title: 'TOTAL',
    priority: 5,
    width: 8,
    value: statement(s => s.totalMs),
    format: duration,
  }),
  numberColumn({
    id: 'rows_per_call',
    title: 'ROWS',
    priority: 7,
    width: 6,
    value: statement(s => s.rowsPerCall),
    format: decimal,
  }),
  numberColumn({
    id: 'hit_percent',
    title: 'HIT',
    priority: 8,
    width: 6,
    value: statement(s => s.hitPercent),
    format: percent,
  }),
  numberColumn({
    id: 'mean_ms_total',
    title: 'MEAN ALL',
    priority: 9,
    width: 8,
    value: statement(s => s.meanMsTotal),
    format: duration,
  }),
  numberColumn({id: 'max_ms', title: 'MAX', priority: 10, width: 8, value: statement(s => s.maxMs), format: duration}),
  numberColumn({
    id: 'calls_total',
    title: 'CALLS ALL',
    priority: 11,
    width: 9,
    value: statement(s => s.callsTotal),
    format: compact,
  }),
];

/** The columns of the pane, in the order of the screen. */
export const slowQueryColumns: readonly Column<SlowRow>[] = [
  textColumn({
    id: 'slow',
    title: '',
    priority: 0,
    width: 1,
    value: row => row.slow,
    text: row => (row.slow ? GLYPH.warn : ''),
    style: () => 'warn',
    sortable: false,
  }),
  ...FIGURES,
  textColumn({
    id: 'service',
    title: 'SERVICE',
    priority: 1,
    width: 9,
    ideal: 15,
    max: 20,
    value: row => row.of.service,
    text: row => row.of.service.replace(/^svc_/, ''),
  }),
  textColumn({
    id: 'database',
    title: 'DATABASE',
    priority: 12,
    width: 8,
    ideal: 14,
    value: row => (row.kind === 'service' ? undefined : row.of.database),
  }),
  numberColumn({id: 'pid', title: 'PID', priority: 3, width: 7, value: running(r => r.pid), format: String}),
  textColumn({
    id: 'blocked_by',
    title: 'BLOCKED BY',
    priority: 4,
    width: 10,
    ideal: 10,
    max: 20,
    value: waitsFor,
    text: row => waitsFor(row) ?? '',
    style: () => 'strong',
  }),
  textColumn({
    id: 'query',
    title: 'QUERY',
    priority: 0,
    width: 12,
    ideal: 24,
    max: 500,
    share: 0.4,
    value: row => (row.kind === 'service' ? undefined : row.of.query),
    text: queryOf,
  }),
  detailColumn({id: 'user', value: statement(s => s.user)}),
  detailColumn({id: 'slow_calls', value: slowCalls}),
  detailColumn({id: 'kind', value: row => row.kind}),
  detailColumn({id: 'application', value: running(r => r.application)}),
  detailColumn({id: 'state', value: running(r => r.state)}),
  detailColumn({id: 'wait', value: running(r => r.wait)}),
];

function queryOf(row: SlowRow): string {
  if (row.kind === 'service') return `${count(row.of.slow)} slow in 10 min, by its own measure`;
  return row.kind === 'running' ? `${situation(row.of)}${row.of.query}` : row.of.query;
}

function situation(row: RunningRow): string {
  const blocked = row.blockedBy.length > 0 ? ` blocked by ${row.blockedBy.join(', ')}` : '';
  const wait = row.wait === undefined ? '' : ` ${row.wait}`;
  return `[pid ${row.pid}${wait}${blocked}] `;
}
