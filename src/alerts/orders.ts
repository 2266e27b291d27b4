import {age, decimal, percent, plural} from '../core/format.ts';
import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {OrderRatesRow} from '../monitor/order-rates.ts';
import type {OrderRow} from '../monitor/orders.ts';
import {hasHeard, silenceOf, TRADES} from './channels.ts';
import {LIMITS, near} from './limits.ts';
import {quietSeconds} from './market.ts';
import {waitsForAnswer, waitsForFill} from './order-state.ts';
import {type AlertFinding, type AlertRule, measured, type Seen} from './rule.ts';
import {muteBecause} from './silence.ts';

/** The service that writes what becomes of orders. */
const WRITER = 'execution';

/** A rule that judges the order which has waited longest, of those that wait for the same. */
const longest =
  (waits: (order: OrderRow) => boolean, what: string): AlertRule['find'] =>
  state => {
    const waiting = state.samples.orders.rows
      .filter(waits)
      .toSorted((a, b) => (b.idleSeconds ?? 0) - (a.idleSeconds ?? 0));
    const [worst] = waiting;
    if (worst === undefined) return [];
    const {orderId, accountId, symbol, side, quantity, strategy, idleSeconds = 0} = worst;
    const others = waiting.length > 1 ? `, ${plural(waiting.length - 1, 'other waits', 'others wait')}` : '';
    const of = strategy === undefined ? '' : ` of ${strategy}`;
    return measured(idleSeconds, {
      text: `Order ${orderId} (${side} ${quantity} ${symbol}, ${accountId})${of} ${what} for ${age(idleSeconds)}${others}`,
      row: {pane: 'orders', key: orderId},
      causedBy: muteBecause(state, WRITER, STOPPED),
    });
  };

/** A finding about a strategy, named by it, with its newest order as the row. */
const ofStrategy = (
  strategy: string,
  value: number,
  text: string,
  orders: readonly OrderRow[],
): readonly AlertFinding[] => {
  const row = orders.find(order => order.strategy === strategy);
  return measured(value, {
    subject: strategy,
    text,
    row: row === undefined ? undefined : {pane: 'orders', key: row.orderId},
  });
};

/** Fewer rejects, or fewer trades than this, say nothing of a rate: of 100 orders 10 are rejected by chance now and then. */
const LEAST_REJECTS = 15;
const LEAST_FILLS = 30;
/** Unless so many of a strategy's orders are rejected, and at least so many. */
const MANY_REJECTS = {share: 0.3, orders: 5} as const;
/** A strategy that has traded less than this in the hour has no usual rate: it has only just begun. */
const LEAST_USUAL = 90;
/** A strategy that never has a reject counts as one that usually has this part of its orders rejected. */
const USUAL_REJECTS = 0.02;

const share = (n: number, of: number): number => (of === 0 ? 0 : n / of);
const perMinute = (n: number, seconds: number): string => `${decimal(seconds < 1 ? 0 : (n * 60) / seconds, 1)}/min`;

/** The trades that a strategy would have made in the last minutes at its usual rate. */
const expectedFills = ({usualFills, fillSeconds, usualFillSeconds}: OrderRatesRow): number =>
  share(usualFills, usualFillSeconds) * fillSeconds;

/** A number of each strategy, summed over all. */
const total = (rows: readonly OrderRatesRow[], of: (row: OrderRatesRow) => number): number =>
  rows.reduce((sum, row) => sum + of(row), 0);

/** The alert that nothing is traded at all. */
const STOPPED = 'trading_stopped';

/** The newest trade that is known, of the bus or of the table. */
function newestTrade({bus, samples}: Seen): {readonly tradeId: SafeText; readonly executedAt: Micros} | undefined {
  const all = [...bus.tape.slice(0, 1), ...samples.trades.rows];
  return all.reduce<(typeof all)[number] | undefined>(
    (last, trade) => (last === undefined || trade.executedAt > last.executedAt ? trade : last),
    undefined,
  );
}

/** Orders that wait for what should come at once, and rates that are not as usual. */
export const orderRules: readonly AlertRule[] = [
  {
    id: 'order_pending',
    when: 'an order has waited for the market’s answer for too long',
    needs: ['orders'],
    owner: 'trading',
    todo: 'Ask the broker for the order; see whether the execution service runs and reaches the market.',
    limits: {unit: 'seconds', ...LIMITS.pendingOrder},
    find: longest(waitsForAnswer, 'has been pending'),
  },
  {
    id: 'order_unfilled',
    when: 'a market, IOC or FOK order stands without a fill for too long',
    needs: ['orders'],
    owner: 'trading',
    todo: 'Ask the broker for the order: it is filled and its trade is missing, or it should be cancelled.',
    limits: {unit: 'seconds', ...LIMITS.unfilledOrder},
    find: longest(waitsForFill, 'has had no fill'),
  },
  {
    id: 'reject_rate',
    when: 'a strategy has many more of its orders rejected than usual',
    needs: ['order_rates', 'orders'],
    owner: 'trading',
    todo: 'Read the reasons in Risk and Logs; H halts the strategy if its orders are wrong.',
    limits: {unit: 'times', warn: 4, crit: 10, clear: 2.5},
    find: ({samples}, limits) =>
      samples.order_rates.rows.flatMap(({strategy, orders, rejects, usualOrders, usualRejects}) => {
        const [now, usual] = [share(rejects, orders), share(usualRejects, usualOrders)];
        const value = now / Math.max(usual, USUAL_REJECTS);
        const many = rejects >= MANY_REJECTS.orders && now >= MANY_REJECTS.share;
        if ((rejects < LEAST_REJECTS && !many) || !near(value, limits)) return [];
        const text = `${strategy}: ${plural(rejects, 'order')} of ${orders} rejected (${percent(now * 100)}), usual ${percent(usual * 100)}`;
        return measured(value, {
          subject: strategy,
          text,
          row: {pane: 'orders', where: {strategy, status: 'rejected'}},
        });
      }),
  },
  {
    id: STOPPED,
    when: 'nothing has been traded where many trades would be usual by the last hour, while the market is open',
    needs: ['order_rates', 'trades', 'bus'],
    owner: 'trading',
    todo: 'Look in Connection health for the services of the desk, and in Logs for what they said last.',
    limits: {unit: 'seconds', warn: 60, crit: 300},
    find: (state, limits) => {
      const last = newestTrade(state);
      const seconds = last && quietSeconds(state, last.executedAt);
      if (last === undefined || seconds === undefined || !near(seconds, limits)) return [];
      const {rows} = state.samples.order_rates;
      const fills = total(rows, row => row.fills + row.usualFills);
      const hour = Math.max(0, ...rows.map(row => row.fillSeconds + row.usualFillSeconds));
      if (fills < LEAST_USUAL || share(fills, hour) * seconds < LEAST_FILLS) return [];
      return measured(seconds, {
        text: `No trade for ${age(seconds)}, usual ${perMinute(fills, hour)}`,
        since: last.executedAt,
        row: {pane: 'trades', key: last.tradeId},
        causedBy: hasHeard(state, TRADES) ? silenceOf(TRADES) : muteBecause(state, WRITER),
      });
    },
  },
  {
    id: 'trade_rate_low',
    when: 'a strategy trades much less than usual, while others trade',
    needs: ['order_rates', 'orders'],
    owner: 'trading',
    todo: 'See whether the strategy is halted (: resume-strategy), and whether its service runs; read its lines in Logs.',
    limits: {unit: 'times', warn: 0.2, clear: 0.5, worse: 'under'},
    find: ({samples}, limits) => {
      const {rows} = samples.order_rates;
      if (total(rows, row => row.fills) < total(rows, expectedFills) / 2) return [];
      return rows.flatMap(row => {
        const expected = expectedFills(row);
        const value = row.fills / expected;
        if (expected < LEAST_FILLS || !near(value, limits)) return [];
        const usual = perMinute(row.usualFills, row.usualFillSeconds);
        const text = `${row.strategy} trades ${perMinute(row.fills, row.fillSeconds)}, usual ${usual}`;
        return ofStrategy(row.strategy, value, text, samples.orders.rows);
      });
    },
  },
  {
    id: 'trade_rate_high',
    when: 'a strategy trades much more than at its busiest of the last hour',
    needs: ['order_rates', 'orders'],
    owner: 'risk',
    todo: 'See whether the strategy runs away: compare its orders with its signals; H halts it if they do not fit.',
    limits: {unit: 'times', warn: 5, crit: 20, clear: 3},
    find: ({samples}, limits) =>
      samples.order_rates.rows.flatMap(({strategy, fills, peakFills, usualFills, fillSeconds}) => {
        const value = fills / Math.max(peakFills, 1);
        if (usualFills < LEAST_USUAL || fills < LEAST_FILLS || !near(value, limits)) return [];
        const text = `${strategy} trades ${perMinute(fills, fillSeconds)}, at most ${perMinute(peakFills, fillSeconds)} before`;
        return ofStrategy(strategy, value, text, samples.orders.rows);
      }),
  },
];
