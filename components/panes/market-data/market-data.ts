import {barSeverity} from '../../../src/alerts/bar-state.ts';
import {count, plural} from '../../../src/core/format.ts';
import type {State} from '../../../src/model/state.ts';
import {remark, statusOf} from '../../lines/status.ts';
import {GLYPH, type Line} from '../../lines/theme.ts';
import {definePane} from '../shared/define-pane.tsx';
import {marketColumns} from './columns.ts';
import {marketRows, type MarketPaneRow as Row} from './row.ts';

/** The symbols: their last bars against their own usual intervals, what the bus said last, and findings about their data. */
export const marketDataPane = definePane({
  id: 'market_data',
  title: 'Market data',
  columns: marketColumns,
  select: ({samples: {market_data: bars, market_quality: quality, ingestion}, bus, at}: State) => ({
    status: statusOf(bars, at),
    bars: bars.rows,
    quality: quality.rows,
    ingestion: ingestion.rows,
    marks: bus.marks,
    more:
      bars.failure === undefined
        ? [remark('data_quality_logs', quality, at) ?? [], remark('ingestion_status', ingestion, at) ?? []].flat()
        : [],
  }),
  rows: marketRows,
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
  remarks: ({more}) => more,
  empty: 'no bar of the last week',
  brief: (_data, rows): Line => summary(rows),
});

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
