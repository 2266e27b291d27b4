import {alertText, wantingAttention} from '../../src/alerts/wanting.ts';
import {ageAt, count, plural} from '../../src/core/format.ts';
import {isoMicros, type Micros} from '../../src/core/time.ts';
import type {Alert, State} from '../../src/model/state.ts';
import type {LeadPlace} from '../../src/model/ui-state.ts';
import {ageColumn, detailColumn, numberColumn, severityColumn, textColumn} from '../lines/columns.ts';
import {statusOf} from '../lines/status.ts';
import type {Column} from '../lines/table.ts';
import {GLYPH, type Line} from '../lines/theme.ts';
import {definePane} from './shared/define-pane.tsx';

/** What operators said of an alert: `ack ann`, `muted 40m`. */
function markText({acknowledged, mutedUntil}: Alert, now: Micros): string {
  const taken = acknowledged === undefined ? '' : `ack ${acknowledged.by?.split(' ')[0] ?? ''}`.trim();
  const muted = mutedUntil === undefined ? '' : `muted ${ageAt(now, mutedUntil)}`;
  return [taken, muted].filter(Boolean).join(', ');
}

const isQuiet = ({acknowledged, mutedUntil, causedBy}: Alert): boolean =>
  acknowledged !== undefined || mutedUntil !== undefined || causedBy !== undefined;

const columns: readonly Column<Alert>[] = [
  severityColumn({
    of: row => row.severity,
    style: row => (row.mutedUntil === undefined ? row.severity : 'faint'),
    sortable: true,
  }),
  ageColumn({id: 'since', title: 'SINCE', priority: 0, width: 6, at: row => row.since}),
  textColumn({
    id: 'alert',
    title: 'ALERT',
    priority: 1,
    width: 8,
    ideal: 18,
    max: 22,
    value: row => row.rule,
    style: row => (isQuiet(row) ? 'faint' : 'strong'),
  }),
  textColumn({
    id: 'text',
    title: 'WHAT',
    priority: 0,
    width: 30,
    ideal: 70,
    max: 300,
    share: 0.7,
    value: row => row.text,
    text: row => `${row.causedBy === undefined ? '' : '└ '}${alertText({...row, acknowledged: undefined})}`,
    style: row => (isQuiet(row) ? 'faint' : row.severity === 'crit' ? 'crit' : undefined),
  }),
  textColumn({id: 'owner', title: 'OWNER', priority: 4, width: 8, value: row => row.owner, style: () => 'faint'}),
  {
    id: 'mark',
    title: 'ACK',
    sparse: true,
    priority: 2,
    width: 9,
    max: 24,
    align: 'left',
    value: row => (row.acknowledged === undefined ? null : 'acknowledged'),
    text: (row, {now}) => markText(row, now),
  },
  textColumn({
    id: 'todo',
    title: 'WHAT TO DO',
    priority: 5,
    width: 24,
    ideal: 40,
    max: 200,
    share: 0.3,
    value: row => row.todo,
    style: () => 'faint',
  }),
  numberColumn({id: 'count', title: 'TIMES', priority: 6, width: 5, value: row => row.count, format: count}),
  ageColumn({id: 'last_seen', title: 'SEEN', priority: 6, width: 6, at: row => row.lastSeen}),
  textColumn({id: 'subject', title: 'SUBJECT', priority: 7, width: 8, max: 40, value: row => row.subject}),
  textColumn({id: 'cause', title: 'CAUSE', priority: 7, width: 8, max: 60, value: row => row.cause}),
  detailColumn({id: 'id', value: row => row.id}),
  detailColumn({id: 'caused_by', value: row => row.causedBy}),
  detailColumn({id: 'unknown_since', value: row => isoOrNone(row.unknownSince)}),
  detailColumn({id: 'acknowledged_by', value: row => row.acknowledged?.by}),
  detailColumn({id: 'acknowledged_at', value: row => isoOrNone(row.acknowledged?.at)}),
  detailColumn({id: 'note', value: row => row.acknowledged?.note}),
  detailColumn({id: 'muted_until', value: row => isoOrNone(row.mutedUntil)}),
  detailColumn({id: 'muted_by', value: row => row.mutedBy}),
  detailColumn({id: 'row', value: row => row.row && placeText(row.row)}),
];

/** A place in words: `orders: ORD-7`, `orders: status rejected`, `rejects`. */
const placeText = ({pane, key, where, list}: LeadPlace): string => {
  if (list !== undefined) return list.kind;
  const values = Object.entries(where ?? {}).map(([name, value]) => `${name} ${value}`);
  return `${pane}: ${key ?? values.join(', ')}`;
};

const isoOrNone = (at: Micros | undefined): string | undefined => (at === undefined ? undefined : isoMicros(at));

/** What is wrong, the worst first, each with its effects behind it, what operators said of it, and what to do. */
export const alertsPane = definePane({
  id: 'alerts',
  title: 'Alerts',
  columns,
  // Its rows are made here of what was read elsewhere: the sources that are not read are told below.
  select: ({alerts, unread, at}: State) => ({
    status: statusOf({...NOTHING, state: alerts.length > 0 ? 'ok' : 'empty', at}, at),
    alerts,
    unread: unread.join(', '),
  }),
  rows: ({alerts}) => alerts,
  rowKey: row => row.id,
  head: ({unread}, rows) => verdict(rows, unread),
  foot: (_data, rows) => [
    [
      [
        `effects ${count(rows.filter(row => row.causedBy !== undefined).length)}`,
        `acknowledged ${count(rows.filter(row => row.acknowledged !== undefined).length)}`,
        `muted ${count(rows.filter(row => row.mutedUntil !== undefined).length)}`,
      ].join(' · '),
      'faint',
    ],
  ],
  remarks: ({unread}) => (unread === '' ? [] : [`not read, so that nothing is known of it: ${unread}`]),
  empty: 'no alerts',
  brief: ({unread}, rows): Line => verdict(rows, unread),
  rowStyle: row => (row.mutedUntil === undefined ? undefined : 'faint'),
  lead: ({row}) => row && {...row, what: 'the row that shows it'},
  copy: row => `${row.id}: ${row.text}`,
});

const NOTHING = {failure: undefined, failingSince: undefined, retryAt: undefined} as const;

function verdict(rows: readonly Alert[], unread: string): Line {
  const wanting = wantingAttention(rows);
  if (wanting.length === 0 && unread !== '') return [[`not read: ${unread}`, 'faint']];
  if (wanting.length === 0) return [['none wants attention', 'faint']];
  const crit = wanting.filter(row => row.severity === 'crit').length;
  const severity = crit > 0 ? 'crit' : 'warn';
  return [
    [`${GLYPH[severity]} `, severity],
    [plural(wanting.length, 'alert'), 'strong'],
    [crit > 0 ? `, ${count(crit)} critical` : '', 'strong'],
  ];
}
