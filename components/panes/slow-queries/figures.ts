import {compact, count, decimal, duration, percent} from '../../../src/core/format.ts';
import {numberColumn} from '../../lines/columns.ts';
import type {Column} from '../../lines/table.ts';
import {callsOf, callsPerSecond, meanMs, type SlowRow, statement} from './row.ts';

/** How long, how often and how well the statements run. */
export const slowQueryFigures: readonly Column<SlowRow>[] = [
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
