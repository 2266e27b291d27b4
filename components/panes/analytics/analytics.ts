import {count, money, percent, signed} from '../../../src/core/format.ts';
import {sumDigits} from '../../../src/core/sum.ts';
import type {State} from '../../../src/model/state.ts';
import {ageColumn, decimalColumn, NONE, numberColumn, pnlColumn, pnlStyle, textColumn} from '../../lines/columns.ts';
import {remark, statusOf} from '../../lines/status.ts';
import type {Column} from '../../lines/table.ts';
import type {Line} from '../../lines/theme.ts';
import {definePane} from '../shared/define-pane.tsx';
import {analyticsRows, type AnalyticsPaneRow as Row} from './row.ts';

const dayOf = (row: Row) => (row.kind === 'strategy' ? row.of : undefined);
const accountOf = (row: Row) => (row.kind === 'account' ? row.of : undefined);

const columns: readonly Column<Row>[] = [
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
  {
    ...pnlColumn<Row>({
      id: 'unrealized_pnl',
      title: 'UNREAL',
      priority: 1,
      width: 10,
      digits: row => accountOf(row)?.unrealizedPnl,
    }),
    text: row => (row.kind === 'strategy' ? '' : signed(row.of.unrealizedPnl)),
  },
  {
    ...decimalColumn<Row>({
      id: 'market_value',
      title: 'VALUE',
      priority: 2,
      width: 12,
      digits: row => accountOf(row)?.marketValue,
      decimals: 2,
    }),
    text: row => (row.kind === 'strategy' ? '' : money(row.of.marketValue)),
  },
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
  ageColumn({id: 'last_updated', title: 'CHANGED', priority: 5, width: 7, at: row => row.of.lastUpdated}),
];

/** What the synchroniser has summed up: the strategies by day, and the accounts. */
export const analyticsPane = definePane({
  id: 'analytics',
  title: 'Analytics',
  columns,
  select: ({samples: {performance, portfolio}, at}: State) => ({
    status: statusOf(performance.rows.length === 0 && portfolio.rows.length > 0 ? portfolio : performance, at),
    days: performance.rows,
    accounts: portfolio.rows,
    accountsRemark: performance.failure === undefined ? remark('portfolio_summary', portfolio, at) : undefined,
  }),
  rows: ({days, accounts}) => analyticsRows(days, accounts),
  rowKey: row =>
    row.kind === 'strategy' ? `strategy ${row.of.day} ${row.of.strategy}` : `account ${row.of.accountId}`,
  head: (_data, rows) => today(rows),
  foot: ({accounts}) => {
    const realised = sumDigits(accounts.map(row => row.realizedPnl));
    // One that is not known leaves the sum unknown.
    const known = accounts.every(row => row.unrealizedPnl !== undefined);
    const unreal = known ? sumDigits(accounts.map(row => row.unrealizedPnl)) : undefined;
    return accounts.length === 0
      ? []
      : [
          ['all days: realised ', 'faint'],
          [signed(realised), pnlStyle(realised)],
          [' · unrealised ', 'faint'],
          [signed(unreal), pnlStyle(unreal)],
        ];
  },
  remarks: ({accountsRemark}) => (accountsRemark === undefined ? [] : [accountsRemark]),
  empty: 'the synchroniser has applied nothing yet',
  brief: (_data, rows): Line => today(rows),
  rowStyle: row => (row.kind === 'strategy' && !row.of.today ? 'faint' : undefined),
});

/** The trades and the realised P&L of the present day (UTC). */
function today(rows: readonly Row[]): Line {
  const days = rows.flatMap(row => (row.kind === 'strategy' && row.of.today ? [row.of] : []));
  if (days.length === 0) return [['no trade today', 'faint']];
  const pnl = sumDigits(days.map(day => day.realizedPnl));
  return [
    [`today ${count(days.reduce((sum, day) => sum + day.trades, 0))} trades`],
    [' · realised ', 'faint'],
    [signed(pnl), pnlStyle(pnl)],
  ];
}
