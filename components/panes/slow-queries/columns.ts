import {detailColumn, numberColumn, textColumn} from '../../lines/columns.ts';
import type {Column} from '../../lines/table.ts';
import {GLYPH} from '../../lines/theme.ts';
import {shownService} from '../shared/service-name.ts';
import {slowQueryFigures} from './figures.ts';
import {queryOf, running, type SlowRow, service, statement, waitsFor} from './row.ts';

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
  ...slowQueryFigures,
  textColumn({
    id: 'service',
    title: 'SERVICE',
    priority: 1,
    width: 9,
    ideal: 15,
    max: 20,
    value: row => row.of.service,
    text: row => shownService(row.of.service),
  }),
  textColumn({
    id: 'database',
    title: 'DATABASE',
    priority: 12,
    width: 8,
    ideal: 14,
    value: row => (row.kind === 'service' ? undefined : row.of.database),
  }),
  numberColumn({
    id: 'pid',
    title: 'PID',
    sparse: true,
    priority: 3,
    width: 7,
    value: running(r => r.pid),
    format: String,
  }),
  textColumn({
    id: 'blocked_by',
    title: 'BLOCKED BY',
    sparse: true,
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
  detailColumn({id: 'query_id', value: statement(s => s.queryId)}),
  detailColumn({id: 'user', value: statement(s => s.user)}),
  detailColumn({id: 'slow_calls', value: service(m => m.slow)}),
  detailColumn({id: 'slowest_ms', value: service(m => m.slowestMs)}),
  detailColumn({id: 'slowest', value: service(m => m.slowest)}),
  detailColumn({id: 'kind', value: row => row.kind}),
  detailColumn({id: 'application', value: running(r => r.application)}),
  detailColumn({id: 'state', value: running(r => r.state)}),
  detailColumn({id: 'wait', value: running(r => r.wait)}),
];
