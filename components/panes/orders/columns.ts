import {isOpenOrder, stuckSeverity} from '../../../src/alerts/order-state.ts';
import {type Digits, dec} from '../../../src/core/decimal.ts';
import {money, percent} from '../../../src/core/format.ts';
import {
  ageColumn,
  decimalColumn,
  detailColumn,
  NONE,
  numberColumn,
  severityColumn,
  textColumn,
} from '../../lines/columns.ts';
import type {Column} from '../../lines/table.ts';
import {lifeOf, type OrderPaneRow as OrderRow, statusReason} from './row.ts';

/** The columns of the screen, then what only JSON and the details of a row have. */
export const orderColumns: readonly Column<OrderRow>[] = [
  severityColumn({of: stuckSeverity, quiet: true}),
  ageColumn({id: 'created_at', title: 'AGE', priority: 0, width: 6, at: row => row.createdAt}),
  textColumn({
    id: 'symbol',
    title: 'SYMBOL',
    priority: 0,
    width: 6,
    ideal: 6,
    max: 10,
    value: row => row.symbol,
    style: row => (isOpenOrder(row) ? 'strong' : undefined),
  }),
  textColumn({id: 'side', title: 'SIDE', priority: 0, width: 4, value: row => row.side, style: sideStyle}),
  textColumn({id: 'order_type', title: 'TYPE', priority: 2, width: 6, max: 10, value: row => row.orderType}),
  decimalColumn({id: 'quantity', title: 'QTY', priority: 0, width: 6, digits: row => row.quantity, decimals: 'needed'}),
  decimalColumn({id: 'filled', title: 'FILLED', priority: 1, width: 6, digits: row => row.filled, decimals: 'needed'}),
  numberColumn({
    id: 'filled_percent',
    title: 'FILL %',
    priority: 7,
    width: 6,
    value: filledPercent,
    format: n => percent(n, 0),
  }),
  {
    ...decimalColumn({id: 'price', title: 'PRICE', priority: 3, width: 8, digits: priceOf, decimals: 2}),
    // A market order has none.
    text: row => (priceOf(row) === undefined ? NONE : money(priceOf(row))),
  },
  textColumn({
    id: 'status',
    title: 'STATUS',
    priority: 0,
    width: 9,
    ideal: 9,
    max: 16,
    value: row => row.status,
    text: row => row.status.replace('partially_filled', 'partial'),
    style: row => (row.status === 'rejected' ? 'strong' : undefined),
  }),
  textColumn({
    id: 'strategy',
    title: 'STRATEGY',
    priority: 2,
    width: 8,
    ideal: 10,
    max: 20,
    value: row => row.strategy,
  }),
  textColumn({
    id: 'account_id',
    title: 'ACCOUNT',
    priority: 4,
    width: 7,
    ideal: 7,
    max: 14,
    value: row => row.accountId,
  }),
  textColumn({id: 'time_in_force', title: 'TIF', priority: 8, width: 3, value: row => row.timeInForce}),
  ageColumn({id: 'updated_at', title: 'CHANGED', priority: 6, width: 7, at: row => row.updatedAt}),
  textColumn({id: 'order_id', title: 'ORDER', priority: 5, width: 10, ideal: 16, max: 38, value: row => row.orderId}),
  textColumn({
    id: 'reason',
    title: 'REASON',
    priority: 9,
    width: 8,
    ideal: 14,
    max: 300,
    value: statusReason,
    text: row => statusReason(row) ?? '',
  }),
  detailColumn({id: 'life', value: lifeOf}),
  detailColumn({id: 'stop_price', value: row => row.stopPrice}),
  detailColumn({id: 'session_id', value: row => row.sessionId}),
];

function sideStyle({side}: OrderRow): 'buy' | 'sell' {
  return side === 'sell' ? 'sell' : 'buy';
}

/** The price that it waits for: its limit, or what makes a stop order live. */
function priceOf({price, stopPrice}: OrderRow): Digits | undefined {
  return price ?? stopPrice;
}

function filledPercent({filled, quantity}: OrderRow): number | undefined {
  if (filled === undefined || !/[1-9]/.test(quantity)) return undefined;
  return dec(filled).div(dec(quantity)).mul(100).toNumber();
}
