import {barSeverity, lateTimes} from '../../../src/alerts/bar-state.ts';
import {age, count, decimal, plural} from '../../../src/core/format.ts';
import type {State} from '../../../src/model/state.ts';
import {
  ageColumn,
  decimalColumn,
  detailColumn,
  isoOrNull,
  numberColumn,
  severityColumn,
  textColumn,
} from '../../lines/columns.ts';
import {remark, statusOf} from '../../lines/status.ts';
import type {Column} from '../../lines/table.ts';
import {GLYPH, type Line} from '../../lines/theme.ts';
import {definePane} from '../shared/define-pane.tsx';
import {marketRows, type MarketPaneRow as Row} from './row.ts';

const columns: readonly Column<Row>[] = [
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
  numberColumn({
    id: 'findings',
    title: 'FOUND',
    priority: 1,
    width: 5,
    value: row => row.quality?.findings,
    format: count,
  }),
  textColumn({
    id: 'note',
    title: 'QUALITY',
    priority: 0,
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
    value: row => row.quality?.source,
    text: row => row.quality?.source ?? '',
  }),
  detailColumn({id: 'quality_severity', value: row => row.quality?.severity}),
  detailColumn({id: 'quality_at', value: row => isoOrNull(row.quality?.at)}),
];

/** The symbols: their last bars against their own usual intervals, what the bus said last, and findings about their data. */
export const marketDataPane = definePane({
  id: 'market_data',
  title: 'Market data',
  columns,
  select: ({samples: {market_data: bars, market_quality: quality}, bus, at}: State) => ({
    status: statusOf(bars, at),
    bars: bars.rows,
    quality: quality.rows,
    marks: bus.marks,
    qualityRemark: bars.failure === undefined ? remark('data_quality_logs', quality, at) : undefined,
  }),
  rows: ({bars, quality, marks}) => marketRows(bars, quality, marks),
  rowKey: row => row.symbol,
  head: (_data, rows) => summary(rows),
  foot: ({quality}) => [
    [
      `${plural(
        quality.reduce((sum, row) => sum + row.findings, 0),
        'open finding',
      )} in the last day`,
      'faint',
    ],
  ],
  remarks: ({qualityRemark}) => (qualityRemark === undefined ? [] : [qualityRemark]),
  empty: 'no bar of the last week',
  brief: (_data, rows): Line => summary(rows),
});

const noteOf = ({quality}: Row): string =>
  quality === undefined ? '' : `${quality.severity} ${quality.checkName}: ${quality.message}`;

function summary(rows: readonly Row[]): Line {
  const late = rows.filter(row => row.bar !== undefined && barSeverity(row.bar) !== 'ok');
  const names = late.slice(0, 3).map(row => row.symbol);
  const more = late.length > names.length ? '…' : '';
  return [
    [plural(rows.filter(row => row.bar !== undefined).length, 'symbol')],
    ...(late.length === 0
      ? ([[' · none late', 'faint']] as const)
      : ([
          [' · '],
          [`${GLYPH.warn} `, 'warn'],
          [`${count(late.length)} late: ${names.join(' ')}${more}`, 'strong'],
        ] as const)),
  ];
}
