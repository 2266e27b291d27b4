import {type HealthRow, healthRows} from '../../src/alerts/health.ts';
import {count, duration} from '../../src/core/format.ts';
import {clock} from '../../src/core/time.ts';
import type {State} from '../../src/model/state.ts';
import {ages, numbers, words} from '../lines/columns.ts';
import {definePane} from '../lines/define-pane.tsx';
import {statusOf} from '../lines/status.ts';
import type {Column} from '../lines/table.ts';
import {GLYPH, type Line} from '../lines/theme.ts';

const columns: readonly Column<HealthRow>[] = [
  words('severity', '', 0, [1], row => row.severity, {text: row => GLYPH[row.severity], style: row => row.severity}),
  words('name', 'NAME', 0, [8, 14, 24], row => row.name, {text: nameOf, style: () => 'strong'}),
  words('kind', 'KIND', 4, [8], row => row.kind, {style: () => 'faint'}),
  words('state', 'STATE', 0, [6, 10, 16], row => row.state, {
    style: row => (row.severity === 'crit' ? 'crit' : row.severity === 'warn' ? 'strong' : undefined),
  }),
  numbers('in_use', 'IN USE', 1, 6, row => row.inUse, count, {
    text: row => [row.inUse, row.max].flatMap(n => (n === undefined ? [] : [count(n)])).join('/'),
  }),
  numbers('idle', 'IDLE', 3, 4, row => row.idle, count),
  numbers('waiting', 'WAIT', 2, 4, row => row.waiting, count, {
    style: row => ((row.waiting ?? 0) > 0 ? 'strong' : undefined),
  }),
  numbers('max', 'MAX', 7, 4, row => row.max, count),
  numbers('latency_ms', 'LATENCY', 1, 8, row => row.latencyMs, duration),
  ages('since', 'SINCE', 5, 6, row => row.since, ''),
  words('note', 'NOTE', 0, [8, 12, 500], row => row.note, {
    share: 0.2,
    text: row => [row.severity === 'ok' ? undefined : row.lastError, row.note].filter(Boolean).join(' · '),
  }),
  words('last_error', 'LAST ERROR', 8, [12, 30, 200], row => row.lastError, {text: row => row.lastError ?? ''}),
];

/** A row for every pool, service, database and Redis: whether it is well, how full, how fast, since when. */
export const healthPane = definePane({
  id: 'health',
  title: 'Connection health',
  columns,
  select: (state: State) => ({
    link: state.bus.link,
    rows: healthRows(state),
  }),
  rows: data => data.rows,
  rowKey: row => row.key,
  // The rows say themselves what is wrong; the pane is well as long as it has any.
  status: state =>
    statusOf({...NOTHING, state: healthRows(state).length > 0 ? 'ok' : 'waiting', at: state.at}, state.at),
  head: (_data, rows) => verdict(rows),
  foot: ({link}) => [
    [`reconnects ${count(link.drops)}`, link.drops > 0 ? 'strong' : 'faint'],
    [` · bus ${link.state} since ${clock(link.since)}Z`, 'faint'],
  ],
  empty: 'nothing is watched',
  brief: (_data, rows): Line => {
    const ill = rows.filter(row => row.severity !== 'ok').toSorted((a, b) => weight(b) - weight(a));
    if (ill.length === 0) return verdict(rows);
    return ill.slice(0, 3).flatMap(
      (row, i): Line => [
        [`${i > 0 ? '   ' : ''}${GLYPH[row.severity]} `, row.severity],
        [`${nameOf(row)} ${row.state}`, row.severity === 'crit' ? 'crit' : 'strong'],
      ],
    );
  },
});

// Roles are named `svc_…`: that says nothing on a screen.
function nameOf(row: HealthRow): string {
  return row.name.replace(/^svc_/, '');
}

const NOTHING = {failure: undefined, failingSince: undefined, retryAt: undefined} as const;

const weight = (row: HealthRow): number => (row.severity === 'crit' ? 2 : row.severity === 'warn' ? 1 : 0);

function verdict(rows: readonly HealthRow[]): Line {
  const ill = rows.filter(row => row.severity !== 'ok').length;
  return ill === 0
    ? [
        [`${GLYPH.ok} `, 'ok'],
        ['all well', 'faint'],
      ]
    : [
        [`${GLYPH.warn} `, 'warn'],
        [`${count(ill)} not well`, 'strong'],
      ];
}
