import type {Severity} from '../core/severity.ts';
import type {OrderRow} from '../monitor/orders.ts';
import {judge, LIMITS} from './limits.ts';

/** Whether an order can still be filled. */
export const isOpenOrder = ({status}: Pick<OrderRow, 'status'>): boolean =>
  status === 'pending' || status === 'submitted' || status === 'partially_filled';

/** Whether the market has not answered it yet. */
export const waitsForAnswer = ({status}: OrderRow): boolean => status === 'pending';

/** Whether it is open and should be filled at once: a market, IOC or FOK order. A limit order may rest for days. */
export const waitsForFill = (order: OrderRow): boolean =>
  isOpenOrder(order) &&
  !waitsForAnswer(order) &&
  (order.orderType === 'market' || order.timeInForce === 'ioc' || order.timeInForce === 'fok');

/** How long an order waits for what should come at once, judged; `ok` where nothing is overdue. */
export function stuckSeverity(order: OrderRow): Severity {
  const {idleSeconds = 0} = order;
  if (waitsForAnswer(order)) return judge(idleSeconds, LIMITS.pendingOrder);
  return waitsForFill(order) ? judge(idleSeconds, LIMITS.unfilledOrder) : 'ok';
}
