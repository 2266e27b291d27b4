import {count, signed} from '../../../src/core/format.ts';
import {sumDigits} from '../../../src/core/sum.ts';
import type {State} from '../../../src/model/state.ts';
import {pnlStyle} from '../../lines/columns.ts';
import {remark, statusOf} from '../../lines/status.ts';
import type {Line} from '../../lines/theme.ts';
import {definePane} from '../shared/define-pane.tsx';
import {analyticsColumns, isUnlike} from './columns.ts';
import {analyticsRows, type AnalyticsPaneRow as Row} from './row.ts';

/** What the synchroniser has summed up: the strategies by day, and the accounts. */
export const analyticsPane = definePane({
  id: 'analytics',
  title: 'Analytics',
  columns: analyticsColumns,
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
  rowStyle: row => {
    if (row.kind === 'account' || row.of.today) return undefined;
    return isUnlike(row.of) ? 'warn' : 'faint';
  },
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
