import type {HealthRow} from '../../../src/alerts/health-row.ts';
import {ageAt, count, duration} from '../../../src/core/format.ts';
import type {Micros} from '../../../src/core/time.ts';
import {ageColumn, detailColumn, isoOrNull, numberColumn, severityColumn, textColumn} from '../../lines/columns.ts';
import type {Column} from '../../lines/table.ts';
import {shownService} from '../shared/service-name.ts';

type Text = (row: HealthRow, now: Micros) => string;

/** A column of words with ages in them. */
function dated({text, ...rest}: Omit<Parameters<typeof textColumn<HealthRow>>[0], 'text'> & {readonly text: Text}) {
  return {...textColumn<HealthRow>(rest), text: (row: HealthRow, {now}: {readonly now: Micros}) => text(row, now)};
}

const errorOf: Text = ({lastError, lastErrorAt}, now) =>
  lastError === undefined ? '' : `${lastErrorAt === undefined ? '' : `${ageAt(lastErrorAt, now)} ago: `}${lastError}`;

/** What is so now comes first: the error of what fails, else the note, after it the error that is over. */
const noteOf: Text = (row, now) => {
  const error = row.severity === 'ok' ? '' : errorOf(row, now);
  const parts = row.lastErrorAt === undefined ? [error, row.note] : [row.note, error];
  return parts.filter(Boolean).join(' · ');
};

/** The columns of the pane, in the order of the screen. */
export const healthColumns: readonly Column<HealthRow>[] = [
  severityColumn({of: row => row.severity, sortable: true}),
  textColumn({
    id: 'name',
    title: 'NAME',
    priority: 0,
    width: 8,
    ideal: 15,
    max: 40,
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
  numberColumn({
    id: 'latency_ms',
    title: 'LATENCY',
    priority: 1,
    width: 8,
    value: row => row.latencyMs,
    format: duration,
  }),
  ageColumn({id: 'since', title: 'SINCE', priority: 5, width: 6, at: row => row.since, missing: ''}),
  dated({
    id: 'note',
    title: 'NOTE',
    priority: 0,
    width: 8,
    ideal: 10,
    max: 500,
    share: 0.2,
    value: row => row.note,
    text: noteOf,
  }),
  dated({
    id: 'last_error',
    title: 'LAST ERROR',
    sparse: true,
    priority: 8,
    width: 12,
    ideal: 30,
    max: 200,
    value: row => row.lastError,
    text: errorOf,
  }),
  // IN USE shows it, too.
  detailColumn({id: 'max', value: row => row.max}),
  detailColumn({id: 'last_error_at', value: row => isoOrNull(row.lastErrorAt)}),
];

/** The name of a row. */
export function nameOf(row: HealthRow): string {
  return shownService(row.name);
}
