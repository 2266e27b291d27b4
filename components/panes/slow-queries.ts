import {ageAt, compact, count, decimal, duration, percent} from '../../src/core/format.ts';
import type {State} from '../../src/model/state.ts';
import type {RunningRow} from '../../src/monitor/running.ts';
import type {StatementRow} from '../../src/monitor/statements.ts';
import {numbers, unseen, words} from '../lines/columns.ts';
import {definePane} from '../lines/define-pane.tsx';
import {remark, statusOf} from '../lines/status.ts';
import type {Column} from '../lines/table.ts';
import {GLYPH, type Line} from '../lines/theme.ts';

/** A query that runs too long now, or a statement's figures over the last interval. */
export type SlowRow =
  | {readonly kind: 'running'; readonly slow: true; readonly of: RunningRow}
  | {readonly kind: 'statement'; readonly slow: boolean; readonly of: StatementRow};

const statement =
  <T>(value: (row: StatementRow) => T) =>
  (row: SlowRow): T | undefined =>
    row.kind === 'statement' ? value(row.of) : undefined;
const running =
  <T>(value: (row: RunningRow) => T) =>
  (row: SlowRow): T | undefined =>
    row.kind === 'running' ? value(row.of) : undefined;
const meanMs = (row: SlowRow): number => (row.kind === 'running' ? row.of.seconds * 1000 : row.of.meanMs);

const columns: readonly Column<SlowRow>[] = [
  words('slow', '', 0, [1], row => (row.slow ? GLYPH.warn : ''), {
    value: row => row.slow,
    style: () => 'warn',
    sortable: false,
  }),
  numbers('mean_ms', 'MEAN', 0, 7, meanMs, duration, {style: row => (row.slow ? 'strong' : undefined)}),
  numbers(
    'calls_per_second',
    'CALLS/s',
    2,
    7,
    statement(s => s.callsPerSecond),
    decimal,
    {none: 'now'},
  ),
  numbers(
    'percent',
    '% TIME',
    1,
    6,
    statement(s => s.percent),
    decimal,
  ),
  numbers(
    'calls',
    'CALLS',
    6,
    6,
    statement(s => s.calls),
    count,
  ),
  numbers(
    'total_ms',
    'TOTAL',
    5,
    8,
    statement(s => s.totalMs),
    duration,
  ),
  numbers(
    'rows_per_call',
    'ROWS',
    7,
    6,
    statement(s => s.rowsPerCall),
    decimal,
  ),
  numbers(
    'hit_percent',
    'HIT',
    8,
    6,
    statement(s => s.hitPercent),
    percent,
  ),
  numbers(
    'mean_ms_total',
    'MEAN ALL',
    9,
    8,
    statement(s => s.meanMsTotal),
    duration,
  ),
  numbers(
    'max_ms',
    'MAX',
    10,
    8,
    statement(s => s.maxMs),
    duration,
  ),
  numbers(
    'calls_total',
    'CALLS ALL',
    11,
    9,
    statement(s => s.callsTotal),
    compact,
  ),
  words('service', 'SERVICE', 1, [9, 15, 20], row => row.of.service.replace(/^svc_/, ''), {
    value: row => row.of.service,
  }),
  words('database', 'DATABASE', 12, [8, 14], row => row.of.database),
  numbers(
    'pid',
    'PID',
    13,
    7,
    running(r => r.pid),
    String,
  ),
  words('query', 'QUERY', 0, [12, 24, 500], row => row.of.query, {
    share: 0.4,
    text: row => (row.kind === 'running' ? `${situation(row.of)}${row.of.query}` : row.of.query),
  }),
  unseen('kind', row => row.kind),
  unseen(
    'application',
    running(r => r.application),
  ),
  unseen(
    'state',
    running(r => r.state),
  ),
  unseen(
    'wait',
    running(r => r.wait),
  ),
  unseen(
    'blocked_by',
    running(r => r.blockedBy.join(', ') || undefined),
  ),
];

/** Statements by the time they took in the last interval; before them what runs longer than the threshold now. */
export const slowQueriesPane = definePane({
  id: 'slow_queries',
  title: 'Slow queries',
  columns,
  select: (state: State) => {
    const info = state.samples.statements_info.rows[0];
    return {
      statements: state.samples.statements.rows,
      running: state.samples.running.rows,
      slowMs: state.about.slowMs,
      count: info?.statements,
      dealloc: info?.dealloc ?? 0,
      interval: info?.intervalSeconds,
      reset: info?.statsReset === undefined ? undefined : ageAt(info.statsReset, state.at),
      activity: remark('running queries', state.samples.running, state.at),
    };
  },
  rows: ({statements, running, slowMs}): readonly SlowRow[] => [
    ...running.map(of => ({kind: 'running', slow: true, of}) as const),
    ...statements.map(of => ({kind: 'statement', slow: of.meanMs >= slowMs, of}) as const),
  ],
  rowKey: row => (row.kind === 'running' ? `pid ${row.of.pid} ${row.of.backendStart}` : row.of.key),
  status: state => {
    const status = statusOf(state.samples.statements, state.at);
    const running = state.samples.running.rows.length > 0 && status.state === 'empty';
    return running ? {...status, state: 'ok'} : status;
  },
  head: ({interval, slowMs}, rows): Line => {
    const over = rows.filter(row => row.slow).length;
    const span = interval === undefined ? 'first reading' : `Δ ${decimal(interval).replace('.0', '')} s`;
    const words = ` over ${tidy(slowMs)}: ${count(over)}`;
    return over > 0
      ? [
          [`${span} ·`, 'faint'],
          [` ${GLYPH.warn}`, 'warn'],
          [words, 'strong'],
        ]
      : [[`${span} ·${words}`, 'faint']];
  },
  foot: data => [
    [data.count === undefined ? '' : `statements ${count(data.count)}`, 'faint'],
    [data.reset === undefined ? '' : ` · since reset ${data.reset}`, 'faint'],
    [data.dealloc > 0 ? ` · ${count(data.dealloc)} evicted: not complete` : '', 'strong'],
  ],
  remarks: ({activity}) => (activity === undefined ? [] : [activity]),
  empty: 'no statement ran in the last interval',
  brief: ({slowMs}, rows): Line => {
    const over = rows.filter(row => row.slow).length;
    const [top] = rows;
    const first: Line =
      over > 0
        ? [
            [`${GLYPH.warn} `, 'warn'],
            [`${count(over)} over ${tidy(slowMs)}`, 'strong'],
          ]
        : [[`none over ${tidy(slowMs)}`]];
    return top ? [...first, [`  top: ${duration(meanMs(top))} ${top.of.query}`, 'faint']] : first;
  },
  fresh: row => row.kind === 'running',
  copy: row => row.of.query,
});

// `2 s`, not `2.00 s`: a setting, not a measurement.
const tidy = (ms: number): string => duration(ms).replace(/\.0+ /, ' ');

function situation(row: RunningRow): string {
  const blocked = row.blockedBy.length > 0 ? ` blocked by ${row.blockedBy.join(', ')}` : '';
  const wait = row.wait === undefined ? '' : ` ${row.wait}`;
  return `[pid ${row.pid}${wait}${blocked}] `;
}
