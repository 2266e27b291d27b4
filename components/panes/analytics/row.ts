import type {PerformanceRow, PortfolioRow} from '../../../src/monitor/analytics.ts';

/** A row of the pane: a strategy's day, or an account. */
export type AnalyticsPaneRow =
  | {readonly kind: 'strategy'; readonly of: PerformanceRow}
  | {readonly kind: 'account'; readonly of: PortfolioRow};

/** The strategies of the present day, the accounts, then the strategies' earlier days. */
export function analyticsRows(
  days: readonly PerformanceRow[],
  accounts: readonly PortfolioRow[],
): readonly AnalyticsPaneRow[] {
  const strategies = days.map(of => ({kind: 'strategy' as const, of}));
  return [
    ...strategies.filter(row => row.of.today),
    ...accounts.map(of => ({kind: 'account' as const, of})),
    ...strategies.filter(row => !row.of.today),
  ];
}
