import {type HealthRow, healthRows} from '../../src/alerts/health.ts';
import {count, duration, plural} from '../../src/core/format.ts';
import {clock} from '../../src/core/time.ts';
import type {State} from '../../src/model/state.ts';
import {ageColumn, numberColumn, textColumn} from '../lines/columns.ts';
import {statusOf} from '../lines/status.ts';
import type {Column} from '../lines/table.ts';
import {GLYPH, type Line} from '../lines/theme.ts';
import {definePane} from './shared/define-pane.tsx';

const columns: readonly Column<HealthRow>[] = [
  textColumn({
    id: 'severity',
    title: '',
    priority: 0,
    width: 1,
    value: row => row.severity,
    text: row => GLYPH[row.severity],
    style: row => row.severity,
  }),
  textColumn({
    id: 'name',
    title: 'NAME',
    priority: 0,
    width: 8,
    ideal: 14,
    max: 24,
    value: row => row.name,
    text: nameOf,
    style: () => 'strong',
  }),
  textColumn({id: 'kind', title: 'KIND', priority: 4, width: 8, value: row => row.kind, style: () => 'faint'}),
  textColumn({
    id: 'state',
    title: 'STATE',
    priority: 0,
    width: 6,
    ideal: 10,
    max: 16,
    value: row => row.state,
    style: row => (row.severity === 'crit' ? 'crit' : row.severity === 'warn' ? 'strong' : undefined),
  }),
  numberColumn({
    id: 'in_use',
    title: 'IN USE',
    priority: 1,
    width: 6,
    value: row => row.inUse,
    format: count,
    text: row => [row.inUse, row.max].flatMap(n => (n === undefined ? [] : [count(n)])).join('/'),
  }),
  numberColumn({id: 'idle', title: 'IDLE', priority: 3, width: 4, value: row => row.idle, format: count}),
  numberColumn({
    id: 'waiting',
    title: 'WAIT',
    priority: 2,
    width: 4,
    value: row => row.waiting,
    format: count,
    style: row => ((row.waiting ?? 0) > 0 ? 'strong' : undefined),
  }),
  numberColumn({id: 'max', title: 'MAX', priority: 7, width: 4, value: row => row.max, format: count}),
  numberColumn({
    id: 'latency_ms',
    title: 'LATENCY',
    priority: 1,
    width: 8,
    value: row => row.latencyMs,
    format: duration,
  }),
  ageColumn({id: 'since', title: 'SINCE', priority: 5, width: 6, at: row => row.since, missing: ''}),
  textColumn({
    id: 'note',
    title: 'NOTE',
    priority: 0,
    width: 8,
    ideal: 12,
    max: 500,
    share: 0.2,
    value: row => row.note,
    text: row => [row.severity === 'ok' ? undefined : row.lastError, row.note].filter(Boolean).join(' · '),
  }),
  textColumn({
    id: 'last_error',
    title: 'LAST ERROR',
    priority: 8,
    width: 12,
    ideal: 30,
    max: 200,
    value: row => row.lastError,
    text: row => row.lastError ?? '',
  }),
];

/** A row for each pool, service and database and for Redis: its state, use, latency, and since when it has been so. */
export const healthPane = definePane({
  id: 'health',
  title: 'Connection health',
  columns,
  select: (state: State) => {
    const rows = healthRows(state);
    // Each row has a source of its own; the pane itself fails only where it has no rows.
    const source = {...NOTHING, state: rows.length > 0 ? ('ok' as const) : ('waiting' as const), at: state.at};
    return {status: statusOf(source, state.at), link: state.bus.link, rows};
  },
  rows: data => data.rows,
  rowKey: row => row.key,
  head: (_data, rows) => verdict(rows),
  foot: ({link}) => [
    [`reconnects ${count(link.drops)}`, link.drops > 0 ? 'strong' : 'faint'],
    [` · bus ${link.state} since ${clock(link.since)}Z`, 'faint'],
  ],
  empty: 'no connection is watched',
  lead: ({kind, key}) => {
    const [, database, service] = /^service:([^/]*)\/(.*)$/s.exec(key) ?? [];
    if (kind !== 'service' || database === undefined || service === undefined) return undefined;
    return {pane: 'sessions', what: 'its sessions', where: {service, database}};
  },
  brief: (_data, rows): Line => {
    const problems = rows.filter(row => row.severity !== 'ok').toSorted((a, b) => weight(b) - weight(a));
    if (problems.length === 0) return verdict(rows);
    return problems.slice(0, 3).flatMap(
      (row, i): Line => [
        [`${i > 0 ? '   ' : ''}${GLYPH[row.severity]} `, row.severity],
        [`${nameOf(row)} ${row.state}`, row.severity === 'crit' ? 'crit' : 'strong'],
      ],
    );
  },
});

// The prefix that all service roles share would only take room.
function nameOf(row: HealthRow): string {
  return row.name.replace(/^svc_/, '');
}

const NOTHING = {failure: undefined, failingSince: undefined, retryAt: undefined} as const;

const weight = (row: HealthRow): number => (row.severity === 'crit' ? 2 : row.severity === 'warn' ? 1 : 0);

function verdict(rows: readonly HealthRow[]): Line {
  const problems = rows.filter(row => row.severity !== 'ok').length;
  return problems === 0
    ? [
        [`${GLYPH.ok} `, 'ok'],
        ['no problems', 'faint'],
      ]
    : [
        [`${GLYPH.warn} `, 'warn'],
        [plural(problems, 'problem'), 'strong'],
      ];
}
