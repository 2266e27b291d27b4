import {checkSeverity, isViolated} from '../../src/alerts/check-state.ts';
import {age, ageAt, count, duration, NA, plural} from '../../src/core/format.ts';
import type {Micros} from '../../src/core/time.ts';
import type {KnownCheck, State} from '../../src/model/state.ts';
import {ageColumn, detailColumn, numberColumn, severityColumn, textColumn} from '../lines/columns.ts';
import {type Status, statusOf} from '../lines/status.ts';
import type {Column} from '../lines/table.ts';
import {GLYPH, type Line} from '../lines/theme.ts';
import {definePane} from './shared/define-pane.tsx';

/** A violation in a few words. */
const rowText = (row: KnownCheck['rows'][number]): string =>
  Object.entries(row)
    .map(([name, value]) => `${name} ${value ?? 'null'}`)
    .join(' · ');

/** What to say of a check that does not pass: why it did not run, else what it found first. */
const noteOf = ({why, rows}: KnownCheck): string =>
  [why === undefined ? '' : `not run: ${why}`, rows[0] === undefined ? '' : rowText(rows[0])]
    .filter(Boolean)
    .join(' · ');

const columns: readonly Column<KnownCheck>[] = [
  severityColumn({of: checkSeverity, text: row => (row.status === 'skip' ? GLYPH.idle : undefined)}),
  textColumn({
    id: 'id',
    title: 'CHECK',
    priority: 0,
    width: 12,
    ideal: 26,
    max: 40,
    value: row => row.id,
    style: () => 'strong',
  }),
  textColumn({id: 'group', title: 'GROUP', priority: 4, width: 6, value: row => row.group, style: () => 'faint'}),
  textColumn({
    id: 'status',
    title: 'STATUS',
    priority: 0,
    width: 6,
    value: row => row.status,
    style: row => (row.status === 'fail' ? 'crit' : row.status === 'warn' ? 'strong' : undefined),
  }),
  ageColumn({id: 'failing_since', title: 'SINCE', priority: 0, width: 6, at: row => row.failingSince, missing: ''}),
  numberColumn({
    id: 'rows',
    title: 'ROWS',
    priority: 2,
    width: 4,
    value: row => row.rows.length,
    format: count,
    text: row => (isViolated(row) ? `${count(row.rows.length)}${row.more ? '+' : ''}` : ''),
  }),
  ageColumn({id: 'at', title: 'RAN', priority: 1, width: 6, at: row => row.at}),
  numberColumn({id: 'ms', title: 'TOOK', priority: 2, width: 8, value: row => row.ms, format: duration}),
  numberColumn({
    id: 'every_seconds',
    title: 'EVERY',
    priority: 5,
    width: 5,
    value: row => row.everySeconds,
    format: age,
  }),
  textColumn({
    id: 'note',
    title: 'NOTE',
    priority: 0,
    width: 8,
    ideal: 16,
    max: 1000,
    share: 0.3,
    value: noteOf,
    text: row => noteOf(row) || row.title,
    style: row => (row.status === 'pass' ? 'faint' : undefined),
  }),
  textColumn({
    id: 'title',
    title: 'DEMANDS',
    sparse: true,
    priority: 3,
    width: 12,
    ideal: 24,
    max: 60,
    value: row => row.title,
    text: row => (noteOf(row) === '' ? '' : row.title),
  }),
  detailColumn({id: 'remedy', value: row => row.remedy}),
  detailColumn({id: 'why', value: row => row.why}),
  detailColumn({id: 'violations', value: row => row.rows.map(rowText).join('; ') || undefined}),
];

/** The columns that tell of the rows that a check found. */
const IN_ROWS = ['note', 'violations'];

const WEIGHT: Readonly<Record<KnownCheck['status'], number>> = {fail: 3, warn: 2, skip: 1, pass: 0};

/** The checks that run by themselves: which fail, since when, and what they found. */
export const checksPane = definePane({
  id: 'checks',
  title: 'Checks',
  columns,
  select: ({checks, at}: State) => ({
    status: statusOfChecks(checks, at),
    results: checks.results,
    running: checks.running,
    ran: ranAt(checks, at),
  }),
  rows: ({results}) => results.toSorted((a, b) => WEIGHT[b.status] - WEIGHT[a.status]),
  rowKey: row => row.id,
  // The details have the rows themselves.
  applies: (row, id) => row.rows.length === 0 || !IN_ROWS.includes(id),
  found: row => ({rows: row.rows, more: row.more === true}),
  head: ({running}, rows) => [...verdict(rows), [running ? ' · verifying …' : '', 'faint']],
  foot: ({ran}) => [[`last run ${ran} ago · v runs all now`, 'faint']],
  empty: 'no check has run yet: v runs all',
  brief: (_data, rows): Line => verdict(rows),
  rowStyle: row => (row.status === 'skip' ? 'faint' : undefined),
});

const ranAt = ({at}: State['checks'], now: Micros): string => (at === undefined ? NA : ageAt(at, now));

function statusOfChecks({at, error, results}: State['checks'], now: Micros): Status {
  const state = error !== undefined ? 'down' : at === undefined ? 'waiting' : results.length === 0 ? 'empty' : 'ok';
  const failure = error === undefined ? undefined : ({why: 'down', message: error, next: '', retry: true} as const);
  return statusOf({state, at, failure, failingSince: undefined, retryAt: undefined}, now);
}

function verdict(rows: readonly KnownCheck[]): Line {
  const of = (status: KnownCheck['status']): number => rows.filter(row => row.status === status).length;
  const [fail, warn, skip] = [of('fail'), of('warn'), of('skip')];
  return [
    ...(fail > 0
      ? ([
          [`${GLYPH.crit} `, 'crit'],
          [`${count(fail)} failed · `, 'crit'],
        ] as const)
      : []),
    ...(warn > 0
      ? ([
          [`${GLYPH.warn} `, 'warn'],
          [`${plural(warn, 'warning')} · `, 'strong'],
        ] as const)
      : []),
    [`${count(of('pass'))} passed`, 'faint'],
    [skip > 0 ? ` · ${count(skip)} skipped` : '', 'faint'],
  ];
}
