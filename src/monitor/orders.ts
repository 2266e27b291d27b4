import type {Raw} from '../io/io.ts';
import {
  decode,
  digits,
  instant,
  key,
  maybeKey,
  maybeNumber,
  maybeText,
  type RowOf,
  rowSchema,
  text,
} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import {visibleRows} from './row-security.ts';

const SQL = 'monitor/orders';

const row = rowSchema({
  order_id: key,
  account_id: key,
  symbol: key,
  side: text,
  order_type: text,
  quantity: digits,
  /** The sum of its trades. */
  filled: digits,
  /** Its limit; undefined for a market order. */
  price: digits,
  stop_price: digits,
  time_in_force: maybeText,
  status: text,
  strategy: maybeKey,
  session_id: maybeKey,
  created_at: instant,
  updated_at: instant,
  /** Since its last change, by the server's clock. */
  idle_seconds: maybeNumber,
});

/** An order with what is filled of it. Quantities and prices keep their digits. */
export type OrderRow = RowOf<typeof orderRows>;

/** Leaves out an order whose quantity is not a number (NaN, infinity). */
const orderRows = (raws: readonly Raw[]) =>
  decode(row, raws, SQL).flatMap(({quantity, ...rest}) => (quantity === undefined ? [] : [{...rest, quantity}]));

/** The open orders, the oldest first, then the last rejected ones, then the last of the others. */
export const ordersPoller: Poller<{orders: OrderRow}> = {
  ids: ['orders'],
  everyMs: 2000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL, 'monitor/row_security'],
  deltas: false,
  reader:
    () =>
    async ({trading}) => ({orders: orderRows(await visibleRows(trading, SQL, 'execution.orders'))}),
};
