import {NA, percent, shortDecimal} from '../../../src/core/format.ts';
import type {OrderRatesRow} from '../../../src/monitor/order-rates.ts';
import type {Line} from '../../lines/theme.ts';

/** Rejected orders and trades a minute over all strategies; `n/a` before the first reading. */
export function ratesPerMinute(rates: readonly OrderRatesRow[], of: 'last' | 'usual'): string {
  const [first] = rates;
  if (first === undefined) return `rejects ${NA} · fills ${NA}`;
  const [rejects, orderSeconds, fills, fillSeconds] =
    of === 'last'
      ? (['rejects', first.orderSeconds, 'fills', first.fillSeconds] as const)
      : (['usualRejects', first.usualOrderSeconds, 'usualFills', first.usualFillSeconds] as const);
  const total = (name: typeof rejects | typeof fills) => rates.reduce((sum, row) => sum + row[name], 0);
  const rate = (n: number, seconds: number) => (seconds < 1 ? NA : shortDecimal((n * 60) / seconds, n < 10 ? 1 : 0));
  return `rejects ${rate(total(rejects), orderSeconds)}/min · fills ${rate(total(fills), fillSeconds)}/min`;
}

/** The share of the orders that is rejected, beside the usual one, and the strategy with the most rejects. */
export function rejectShare(rates: readonly OrderRatesRow[]): Line {
  const total = (of: 'orders' | 'rejects' | 'usualOrders' | 'usualRejects') =>
    rates.reduce((sum, row) => sum + row[of], 0);
  const share = (rejects: number, orders: number) => (orders === 0 ? NA : percent((100 * rejects) / orders));
  const most = rates.toSorted((a, b) => b.rejects - a.rejects)[0];
  if (most === undefined || most.rejects === 0) return [];
  const now = share(total('rejects'), total('orders'));
  const usual = share(total('usualRejects'), total('usualOrders'));
  return [[` · rejected ${now}, usual ${usual}, most of ${most.strategy}`, 'faint']];
}
