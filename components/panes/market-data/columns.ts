import {barSeverity, lateTimes} from '../../../src/alerts/bar-state.ts';
import {ingestionSeverity, ingestionState} from '../../../src/alerts/ingestion-state.ts';
import {age, count, decimal} from '../../../src/core/format.ts';
import {
  ageColumn,
  decimalColumn,
  detailColumn,
  isoOrNull,
  numberColumn,
  severityColumn,
  textColumn,
} from '../../lines/columns.ts';
import type {Column} from '../../lines/table.ts';
import type {MarketPaneRow as Row} from './row.ts';

/** The columns of the screen, then what only JSON and the details of a row have. */
export const marketColumns: readonly Column<Row>[] = [
  severityColumn({of: row => row.severity}),
  textColumn({
    id: 'symbol',
    title: 'SYMBOL',
    priority: 0,
    width: 6,
    ideal: 7,
    max: 12,
    value: row => row.symbol,
    style: () => 'strong',
  }),
  decimalColumn({id: 'close', title: 'LAST', priority: 0, width: 8, digits: row => row.bar?.close, decimals: 2}),
  ageColumn({id: 'last_at', title: 'BAR', priority: 0, width: 6, at: row => row.bar?.lastAt}),
  numberColumn({
    id: 'interval_seconds',
    title: 'USUAL',
    priority: 1,
    width: 5,
    value: row => row.bar?.intervalSeconds,
    format: age,
  }),
  numberColumn({
    id: 'late_times',
    title: 'LATE',
    priority: 2,
    width: 5,
    value: row => (row.bar === undefined ? undefined : lateTimes(row.bar)),
    format: times => `${decimal(times)}×`,
    style: row => (row.bar !== undefined && barSeverity(row.bar) !== 'ok' ? 'strong' : 'faint'),
  }),
  ageColumn({id: 'heard_at', title: 'BUS', priority: 0, width: 5, at: row => row.heard?.at}),
  decimalColumn({
    id: 'heard_price',
    title: 'BUS PRICE',
    priority: 4,
    width: 9,
    digits: row => row.heard?.price,
    decimals: 2,
  }),
  decimalColumn({id: 'volume', title: 'VOLUME', priority: 5, width: 8, digits: row => row.bar?.volume, decimals: 0}),
  textColumn({
    id: 'ingestion',
    title: 'INGEST',
    priority: 2,
    width: 6,
    value: row => row.ingestion && ingestionState(row.ingestion),
    text: row => (row.ingestion === undefined ? '' : ingestionState(row.ingestion)),
    style: row => (row.ingestion === undefined || ingestionSeverity(row.ingestion) === 'ok' ? 'faint' : 'strong'),
  }),
  numberColumn({
    id: 'findings',
    title: 'FOUND',
    sparse: true,
    priority: 1,
    width: 5,
    value: row => row.quality?.findings,
    format: count,
  }),
  textColumn({
    id: 'note',
    title: 'QUALITY',
    sparse: true,
    priority: 1,
    width: 8,
    ideal: 14,
    max: 500,
    share: 0.3,
    value: row => noteOf(row),
  }),
  textColumn({
    id: 'source',
    title: 'SOURCE',
    priority: 3,
    width: 6,
    ideal: 8,
    max: 20,
    value: sourceOf,
    text: row => sourceOf(row) ?? '',
  }),
  detailColumn({id: 'ingestion_bar_at', value: row => isoOrNull(row.ingestion?.lastBarAt)}),
  detailColumn({id: 'ingestion_error', value: row => row.ingestion?.error}),
  detailColumn({id: 'ingestion_since', value: row => isoOrNull(row.ingestion?.stateSince)}),
  detailColumn({id: 'expected_seconds', value: row => row.ingestion?.expectedSeconds}),
  detailColumn({id: 'quality_severity', value: row => row.quality?.severity}),
  detailColumn({id: 'quality_at', value: row => isoOrNull(row.quality?.at)}),
];

function sourceOf({ingestion, quality}: Row): string | undefined {
  return ingestion?.source ?? quality?.source;
}

/** Why nothing comes, else what was found wrong with what came. */
function noteOf({ingestion, quality}: Row): string {
  if (ingestion?.error !== undefined) return `${ingestion.source}: ${ingestion.error}`;
  return quality === undefined ? '' : `${quality.severity} ${quality.checkName}: ${quality.message}`;
}
