import type {z} from 'zod';
import {decode, key, number, rowSchema} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';

const SQL = 'monitor/order_rates';

const row = rowSchema({
  strategy: key,
  /** The span of the last orders, in seconds, and that of the usual ones before it. */
  order_seconds: number,
  usual_order_seconds: number,
  /** The same of trades. */
  fill_seconds: number,
  usual_fill_seconds: number,
  orders: number,
  rejects: number,
  usual_orders: number,
  usual_rejects: number,
  fills: number,
  usual_fills: number,
  /** The most trades in an earlier span of `fill_seconds`. */
  peak_fills: number,
});

/** What a strategy sent, had rejected and traded in the last minutes, and before: its usual. */
export type OrderRatesRow = z.output<typeof row>;

/** The orders, rejects and trades of each strategy of late, beside its usual of the last hour. */
export const orderRatesPoller: Poller<{order_rates: OrderRatesRow}> = {
  ids: ['order_rates'],
  everyMs: 10_000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL],
  deltas: false,
  reader:
    () =>
    async ({trading}) => ({order_rates: decode(row, await trading.query(SQL), SQL)}),
};
