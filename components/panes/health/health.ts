import {healthRows} from '../../../src/alerts/health.ts';
import type {HealthRow} from '../../../src/alerts/health-row.ts';
import {count, plural} from '../../../src/core/format.ts';
import {byWorst} from '../../../src/core/severity.ts';
import {clock} from '../../../src/core/time.ts';
import type {State} from '../../../src/model/state.ts';
import {statusOf} from '../../lines/status.ts';
import {GLYPH, type Line} from '../../lines/theme.ts';
import {definePane} from '../shared/define-pane.tsx';
import {healthColumns, nameOf} from './columns.ts';

/** A row for each pool, service and database and for Redis: its state, use, latency, and since when it has been so. */
export const healthPane = definePane({
  id: 'health',
  title: 'Connection health',
  columns: healthColumns,
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
    const problems = rows.filter(row => row.severity !== 'ok').toSorted(byWorst);
    if (problems.length === 0) return verdict(rows);
    return problems.slice(0, 3).flatMap(
      (row, i): Line => [
        [`${i > 0 ? '   ' : ''}${GLYPH[row.severity]} `, row.severity],
        [`${nameOf(row)} ${row.state}`, row.severity === 'crit' ? 'crit' : 'strong'],
      ],
    );
  },
});

const NOTHING = {failure: undefined, failingSince: undefined, retryAt: undefined} as const;

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
