import {count, NA, percent, plural} from '../../../src/core/format.ts';
import type {State} from '../../../src/model/state.ts';
import {remark, statusOf} from '../../lines/status.ts';
import {GLYPH, type Line} from '../../lines/theme.ts';
import {definePane} from '../shared/define-pane.tsx';
import {riskApplies, riskColumns} from './columns.ts';
import {type RiskPaneRow, riskRows} from './row.ts';

/** The limits of risk and of positions, with what is used of them, and the risk events that are not settled. */
export const riskPane = definePane({
  id: 'risk',
  title: 'Risk',
  columns: riskColumns,
  select: ({samples: {risk_limits: limits, position_limits: positions, risk_events: events}, at}: State) => ({
    status: statusOf(limits, at),
    limits: limits.rows,
    positions: positions.rows,
    events: events.rows,
    eventsRemark: limits.failure === undefined ? remark('risk events', events, at) : undefined,
    positionsRemark: limits.failure === undefined ? remark('position limits', positions, at) : undefined,
  }),
  rows: ({limits, positions, events}, memo): readonly RiskPaneRow[] => {
    const before = memo.get(limits) as Kept | undefined;
    if (before?.events === events && before.positions === positions) return before.rows;
    const rows = riskRows({limits, positions, events});
    memo.set(limits, {events, positions, rows});
    return rows;
  },
  rowKey: row => `${row.kind} ${row.of.id}`,
  head: (_data, rows) => [
    ...problems(rows),
    [`${plural(limitsOf(rows).length, 'limit')} · most used ${mostUsed(rows)}`, 'faint'],
  ],
  foot: (_data, rows) => {
    const events = rows.filter(row => row.kind === 'event');
    const acknowledged = events.filter(row => row.of.acknowledgedAt !== undefined).length;
    return [[`open events ${count(events.length)}, ${count(acknowledged)} acknowledged`, 'faint']];
  },
  remarks: ({eventsRemark, positionsRemark}) => [eventsRemark ?? [], positionsRemark ?? []].flat(),
  empty: 'no risk limit and no open risk event',
  brief: (_data, rows): Line => [
    ...problems(rows),
    [`${plural(limitsOf(rows).length, 'limit')}  most used ${mostUsed(rows)}`, 'faint'],
  ],
  lead: ({kind, of}) =>
    kind === 'event' && of.limitId !== undefined
      ? {pane: 'risk', what: 'its limit', key: `limit ${of.limitId}`}
      : undefined,
  applies: riskApplies,
  fresh: row => row.kind === 'event',
  rowStyle: row =>
    (row.kind === 'event' ? row.of.acknowledgedAt !== undefined : !row.of.enabled) ? 'faint' : undefined,
});

/** The rows that were made of these samples. */
type Kept = {readonly events: unknown; readonly positions: unknown; readonly rows: readonly RiskPaneRow[]};

const limitsOf = (rows: readonly RiskPaneRow[]) => rows.filter(row => row.kind !== 'event');

/** How many limits and events there are of each severity, the worst first. */
function problems(rows: readonly RiskPaneRow[]): Line {
  return (['crit', 'warn'] as const).flatMap((severity): Line => {
    const bad = rows.filter(row => row.severity === severity);
    const limits = limitsOf(bad).length;
    const words = [
      limits > 0 ? plural(limits, 'limit') : '',
      bad.length > limits ? plural(bad.length - limits, 'event') : '',
    ].filter(Boolean);
    return words.length === 0
      ? []
      : [
          [`${GLYPH[severity]} `, severity],
          [words.join(', '), severity === 'crit' ? 'crit' : 'strong'],
          [' · ', 'faint'],
        ];
  });
}

function mostUsed(rows: readonly RiskPaneRow[]): string {
  const used = rows.flatMap(row => (row.kind !== 'event' && row.of.enabled ? [row.of.percent ?? Number.NaN] : []));
  const known = used.filter(n => !Number.isNaN(n));
  return known.length === 0 ? NA : percent(Math.max(...known));
}
