import {isOpenOrder, stuckSeverity} from '../../../src/alerts/order-state.ts';
import {ageAt, count, NA} from '../../../src/core/format.ts';
import type {Micros} from '../../../src/core/time.ts';
import type {State} from '../../../src/model/state.ts';
import type {Lead} from '../../../src/model/ui-state.ts';
import type {OrderRow} from '../../../src/monitor/orders.ts';
import {lineWidth} from '../../lines/line.ts';
import {remark, statusOf} from '../../lines/status.ts';
import {GLYPH, type Line} from '../../lines/theme.ts';
import {definePane} from '../shared/define-pane.tsx';
import {orderColumns} from './columns.ts';
import {ratesPerMinute, rejectShare} from './rates.ts';
import {isStuck, type OrderPaneRow, ordersWithLives} from './row.ts';

/** The desk's orders: stuck ones, the other open ones from the oldest, then the last that were rejected or done. */
export const ordersPane = definePane({
  id: 'orders',
  title: 'Orders',
  columns: orderColumns,
  select: ({samples: {orders, order_lives: lives, order_rates: rates}, at}: State) => ({
    status: statusOf(orders, at),
    orders: orders.rows,
    lives: lives.rows,
    rates: rates.rows,
    oldest: oldestAge(orders.rows, at),
    ratesRemark: remark('rates by strategy', rates, at),
    livesRemark: orders.failure === undefined ? remark('lives of the orders', lives, at) : undefined,
  }),
  rows: ({orders, lives}, memo): readonly OrderPaneRow[] => {
    const before = memo.get(orders) as {readonly lives: unknown; readonly rows: readonly OrderPaneRow[]} | undefined;
    if (before?.lives === lives && before !== undefined) return before.rows;
    const rows = ordersWithLives(orders, lives);
    memo.set(orders, {lives, rows});
    return rows;
  },
  rowKey: row => row.orderId,
  head: ({rates}, rows) => [
    [`${count(rows.filter(isOpenOrder).length)} open`],
    ...stuckSpan(rows),
    [` · ${ratesPerMinute(rates, 'last')}`, 'faint'],
  ],
  foot: ({oldest, rates}, _rows, room) => {
    const usual: Line = [[`oldest open ${oldest} · usual: ${ratesPerMinute(rates, 'usual')}`, 'faint']];
    const whole: Line = [...usual, ...rejectShare(rates)];
    return lineWidth(whole) <= room ? whole : usual;
  },
  remarks: ({ratesRemark, livesRemark}) => [ratesRemark ?? [], livesRemark ?? []].flat(),
  empty: 'no order yet',
  brief: ({rates, oldest}, rows): Line => [
    [`${count(rows.filter(isOpenOrder).length)} open`],
    ...stuckSpan(rows),
    [`  oldest ${oldest} · ${ratesPerMinute(rates, 'last')}`, 'faint'],
  ],
  lead: ({orderId}): readonly Lead[] => [
    {pane: 'trades', what: 'its fills', where: {order_id: orderId}},
    {list: {kind: 'rejects', id: orderId}, what: 'its rejected message'},
    {pane: 'logs', what: 'the lines of its id', where: {correlation_id: orderId}, id: orderId},
  ],
  rowStyle: row => (isOpenOrder(row) || row.status === 'rejected' ? undefined : 'faint'),
});

function stuckSpan(rows: readonly OrderRow[]): Line {
  const stuck = rows.filter(isStuck);
  const worst = stuck.some(row => stuckSeverity(row) === 'crit') ? 'crit' : 'warn';
  return stuck.length === 0 ? [] : [[' · '], [`${GLYPH[worst]} `, worst], [`${count(stuck.length)} stuck`, 'strong']];
}

function oldestAge(rows: readonly OrderRow[], now: Micros): string {
  const created = rows.filter(isOpenOrder).flatMap(row => (row.createdAt === undefined ? [] : [row.createdAt]));
  return created.length === 0 ? NA : ageAt(Math.min(...created), now);
}
