import type {z} from 'zod';
import {key, number, rowSchema} from './columns.ts';
import type {Poller} from './poller.ts';
import {statementPoller} from './statement-poller.ts';

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
export const orderRatesPoller: Poller<{order_rates: OrderRatesRow}> = statementPoller({
  everyMs: 10_000,
  samples: {
    order_rates: {sql: SQL, row},
  },
});
