import {dec} from '../../../src/core/decimal.ts';
import {count, percent, signed} from '../../../src/core/format.ts';
import type {PerformanceRow} from '../../../src/monitor/analytics.ts';
import {ageColumn, decimalColumn, NONE, numberColumn, pnlColumn, textColumn} from '../../lines/columns.ts';
import {type Column, emptyWhere} from '../../lines/table.ts';
import type {AnalyticsPaneRow as Row} from './row.ts';

const dayOf = (row: Row) => (row.kind === 'strategy' ? row.of : undefined);
const accountOf = (row: Row) => (row.kind === 'account' ? row.of : undefined);

/** Whether the strategy engine reckons a day that is over otherwise than the ledger does: both are behind it while it lasts. */
export function isUnlike(day: PerformanceRow): boolean {
  if (day.today || day.enginePnl === undefined || day.realizedPnl === undefined) return false;
  return day.engineTrades !== day.trades || !dec(day.enginePnl).eq(dec(day.realizedPnl));
}

const isStrategy = (row: Row): boolean => row.kind === 'strategy';

/** Of a strategy's day and of an account: each leaves empty what only the other has. */
export const analyticsColumns: readonly Column<Row>[] = [
  textColumn({id: 'kind', title: 'KIND', priority: 4, width: 8, value: row => row.kind, style: () => 'faint'}),
  textColumn({
    id: 'name',
    title: 'NAME',
    priority: 0,
    width: 8,
    ideal: 14,
    max: 30,
    value: row => (row.kind === 'strategy' ? row.of.strategy : row.of.accountId),
    style: () => 'strong',
  }),
  textColumn({
    id: 'day',
    title: 'DAY',
    priority: 0,
    width: 10,
    value: row => dayOf(row)?.day ?? 'all',
    text: row => (dayOf(row)?.today === true ? 'today' : (dayOf(row)?.day ?? 'all days')),
  }),
  textColumn({
    id: 'status',
    title: 'STATUS',
    priority: 3,
    width: 7,
    value: row => dayOf(row)?.status,
    text: row => dayOf(row)?.status ?? '',
  }),
  numberColumn({id: 'trades', title: 'TRADES', priority: 0, width: 7, value: row => row.of.trades, format: count}),
  numberColumn({
    id: 'win_rate',
    title: 'WIN %',
    priority: 0,
    width: 6,
    value: row => dayOf(row)?.winRate,
    format: rate => percent(rate * 100),
    text: row => (row.kind === 'account' ? '' : row.of.winRate === undefined ? NONE : percent(row.of.winRate * 100)),
  }),
  numberColumn({
    id: 'decided',
    title: 'DECIDED',
    priority: 6,
    width: 7,
    value: row => dayOf(row)?.decided,
    format: count,
  }),
  pnlColumn({id: 'realized_pnl', title: 'REALISED', priority: 0, width: 10, digits: row => row.of.realizedPnl}),
  emptyWhere(
    isStrategy,
    pnlColumn<Row>({
      id: 'unrealized_pnl',
      title: 'UNREAL',
      priority: 1,
      width: 10,
      digits: row => accountOf(row)?.unrealizedPnl,
    }),
  ),
  emptyWhere(
    isStrategy,
    decimalColumn<Row>({
      id: 'market_value',
      title: 'VALUE',
      priority: 2,
      width: 12,
      digits: row => accountOf(row)?.marketValue,
      decimals: 2,
    }),
  ),
  decimalColumn({
    id: 'total_value',
    title: 'TRADED',
    priority: 3,
    width: 12,
    digits: row => row.of.totalValue,
    decimals: 2,
  }),
  numberColumn({
    id: 'positions',
    title: 'OPEN',
    priority: 5,
    width: 4,
    value: row => accountOf(row)?.positions,
    format: count,
  }),
  numberColumn({
    id: 'signals',
    title: 'SIGNALS',
    priority: 6,
    width: 7,
    value: row => dayOf(row)?.signals,
    format: count,
  }),
  numberColumn({
    id: 'engine_trades',
    title: 'COUNTED',
    priority: 6,
    width: 7,
    value: row => dayOf(row)?.engineTrades,
    format: count,
  }),
  {
    ...decimalColumn<Row>({
      id: 'engine_pnl',
      title: 'ENGINE',
      priority: 4,
      width: 10,
      digits: row => dayOf(row)?.enginePnl,
      decimals: 2,
    }),
    text: row => (row.kind === 'account' ? '' : signed(row.of.enginePnl)),
  },
  ageColumn({id: 'last_updated', title: 'CHANGED', priority: 5, width: 7, at: row => row.of.lastUpdated}),
];
