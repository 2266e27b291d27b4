import {detailColumn, severityColumn, textColumn} from '../../lines/columns.ts';
import type {Column} from '../../lines/table.ts';
import {type Figure, rateText} from './figure.ts';

/** What the screen says in place of long subjects: the room is for names and notes. */
const SHORT: Readonly<Record<string, string>> = {PostgreSQL: 'PG', Replication: 'Standby'};

/** The columns of the pane, in the order of the screen. */
export const serverColumns: readonly Column<Figure>[] = [
  severityColumn({of: row => row.severity, quiet: true}),
  textColumn({
    id: 'subject',
    title: 'SUBJECT',
    priority: 0,
    width: 7,
    ideal: 7,
    max: 12,
    value: row => row.subject,
    text: row => SHORT[row.subject] ?? row.subject,
    style: () => 'faint',
  }),
  textColumn({
    id: 'name',
    title: 'NAME',
    priority: 0,
    width: 12,
    ideal: 21,
    max: 36,
    value: row => row.name,
    style: row => (row.severity === 'ok' ? undefined : 'strong'),
  }),
  {
    id: 'value',
    title: 'VALUE',
    align: 'right',
    priority: 0,
    width: 9,
    value: row => row.value ?? null,
    text: row => row.shown,
  },
  {
    id: 'per_second',
    title: 'RATE',
    align: 'right',
    priority: 0,
    width: 9,
    value: row => row.perSecond ?? null,
    text: rateText,
  },
  {
    id: 'limit',
    title: 'LIMIT',
    align: 'right',
    priority: 2,
    width: 7,
    value: row => row.limit || null,
    text: row => row.limit,
    style: () => 'faint',
  },
  textColumn({
    id: 'note',
    title: 'NOTE',
    priority: 0,
    width: 8,
    ideal: 24,
    max: 500,
    share: 0.3,
    value: row => row.note || undefined,
    text: row => row.note,
  }),
  detailColumn({id: 'unit', value: row => row.unit || undefined}),
];
