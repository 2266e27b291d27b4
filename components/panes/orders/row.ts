import {stuckSeverity} from '../../../src/alerts/order-state.ts';
import {duration} from '../../../src/core/format.ts';
import {clock} from '../../../src/core/time.ts';
import type {OrderLifeRow} from '../../../src/monitor/order-lives.ts';
import type {OrderRow} from '../../../src/monitor/orders.ts';

/** An order with the last steps of its life; undefined: none is recorded, or they are not known. */
export type OrderPaneRow = OrderRow & {readonly steps?: OrderLifeRow['steps'] | undefined};

/** Whether the order waits for something for too long. */
export const isStuck = (row: OrderRow): boolean => stuckSeverity(row) !== 'ok';

/** The orders with their lives, those that are stuck first. */
export function ordersWithLives(orders: readonly OrderRow[], lives: readonly OrderLifeRow[]): readonly OrderPaneRow[] {
  const known = new Map(lives.map(({orderId, steps}) => [orderId, steps]));
  const rows = orders.map(row => ({...row, steps: known.get(row.orderId)}));
  return [...rows.filter(isStuck), ...rows.filter(row => !isStuck(row))];
}

/** Why the order has its status, as the service or the market said with its last step. */
export function statusReason(row: OrderPaneRow): string | undefined {
  const last = row.steps?.at(-1);
  return last?.status === row.status ? last.reason : undefined;
}

/** `pending 12:04:31 · submitted after 85.0 ms · filled after 1.84 s by T-1`; undefined: nothing is recorded. */
export function lifeOf({steps}: OrderPaneRow): string | undefined {
  return steps
    ?.map(({status, occurredAt, latencyMs, tradeId, reason}, i) => {
      const at = i > 0 || occurredAt === undefined ? '' : ` ${clock(occurredAt)}`;
      const after = latencyMs === undefined ? '' : ` after ${duration(latencyMs)}`;
      return `${status}${at}${after}${tradeId === undefined ? '' : ` by ${tradeId}`}${reason ? `: ${reason}` : ''}`;
    })
    .join(' · ');
}
