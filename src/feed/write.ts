import {columnsOf} from '../core/columns.ts';
import {isoMicros} from '../core/time.ts';
import {type Transaction, withTransaction} from '../io/transaction.ts';
import type {Bar} from './bars.ts';
import {type BookPosition, valueAt} from './book.ts';
import {type DeskStep, pairKey, type Trade, winRateOf} from './desk.ts';
import {digitsOf, type Fixed} from './fixed.ts';
import type {Order, OrderStep} from './orders.ts';
import type {DeskService} from './services.ts';

/** The content of one transaction: the result of some steps, each order and position once. */
export type WriteBatch = {
  readonly orders: readonly Order[];
  /** Every step of these orders' lives, in order. */
  readonly steps: readonly OrderStep[];
  readonly trades: readonly Trade[];
  readonly positions: readonly MarkedPosition[];
};

/** A position as it is written, with its mark and the trade that changed it last. */
export type MarkedPosition = {readonly position: BookPosition; readonly mark: Fixed; readonly trade: Trade};

/** Merges the desk's steps: of an order or position that changed more than once, the last state counts. */
export function writeBatchOf(made: readonly DeskStep[]): WriteBatch {
  const orders = new Map(made.flatMap(step => step.orders.map(order => [order.orderId, order] as const)));
  const positions = new Map(
    made.map(({position, mark, trade}) => [pairKey(position), {position, mark, trade}] as const),
  );
  return {
    orders: [...orders.values()],
    steps: made.flatMap(({steps}) => steps),
    trades: made.map(({trade}) => trade),
    positions: [...positions.values()],
  };
}

/**
 * Writes a batch: orders with the steps of their lives, trades and positions in one transaction. The same batch may be written again when the outcome
 * of a COMMIT is unknown: it results in the same rows.
 */
export async function writeBatch(execution: DeskService, batch: WriteBatch): Promise<void> {
  await withTransaction(execution.pg.pool, {}, async tx => {
    await writeOrders(tx, execution, batch);
    await runStatement(tx, execution, 'feed/trades', columnsOf(batch.trades, TRADE));
    await runStatement(tx, execution, 'feed/positions', columnsOf(batch.positions, POSITION));
  });
}

/** Writes bars in one statement. */
export const writeBars = async (ingestion: DeskService, bars: readonly Bar[]): Promise<void> =>
  void (await ingestion.run('feed/bars', columnsOf(bars, BAR)));

const SESSION = 'feed';

const runStatement = (
  tx: Transaction,
  {pg}: DeskService,
  statement: string,
  values: readonly unknown[],
): Promise<unknown> => tx.query(pg.sql.statement(statement, 0), [...values]);

async function writeOrders(tx: Transaction, execution: DeskService, {orders, steps}: WriteBatch): Promise<void> {
  if (orders.length === 0) return;
  const columns = columnsOf(orders, ORDER);
  await runStatement(tx, execution, 'feed/orders', [...columns.slice(0, 11), SESSION, ...columns.slice(11)]);
  await runStatement(tx, execution, 'feed/execution_logs', columnsOf(steps, STEP));
}

type Reader<Row> = (row: Row) => string | number | null;

const orNull = (value: Fixed | undefined): string | null => (value === undefined ? null : digitsOf(value));

const ORDER: readonly Reader<Order>[] = [
  o => o.orderId,
  o => o.accountId,
  o => o.symbol,
  o => o.side,
  o => o.orderType,
  o => digitsOf(o.quantity),
  o => orNull(o.price),
  o => orNull(o.stopPrice),
  o => o.timeInForce,
  o => o.status,
  o => o.strategy,
  o => isoMicros(o.createdAt),
  o => isoMicros(o.updatedAt),
];

const STEP: readonly Reader<OrderStep>[] = [
  ({order}) => order.orderId,
  ({order}) => order.accountId,
  ({order}) => order.symbol,
  ({order}) => order.step,
  ({order}) => order.status,
  ({before}) => before?.status ?? null,
  ({order}) => isoMicros(order.updatedAt),
  ({order, before}) => (before === undefined ? null : ((order.updatedAt - before.updatedAt) / 1000).toFixed(3)),
  ({order}) => digitsOf(order.filled),
  ({tradeId}) => tradeId ?? null,
  ({order}) => order.reason ?? null,
];

const TRADE: readonly Reader<Trade>[] = [
  t => t.tradeId,
  t => t.orderId,
  t => t.accountId,
  t => t.symbol,
  t => digitsOf(t.quantity),
  t => digitsOf(t.price),
  t => digitsOf(t.commission),
  t => isoMicros(t.executedAt),
  t => t.strategy,
  t => t.tradeType,
  t => t.side,
  t => digitsOf(t.totalValue),
  t => digitsOf(t.realizedPnl),
  t => winRateOf(t) ?? null,
];

const POSITION: readonly Reader<MarkedPosition>[] = [
  ({position}) => position.accountId,
  ({position}) => position.symbol,
  ({position}) => digitsOf(position.quantity),
  ({position}) => digitsOf(position.avgPrice),
  ({position, mark}) => digitsOf(valueAt(position, mark).value),
  ({position, mark}) => digitsOf(valueAt(position, mark).unrealized),
  ({position}) => digitsOf(position.realizedPnl),
  ({mark}) => digitsOf(mark),
  ({trade}) => isoMicros(trade.executedAt),
];

const BAR: readonly Reader<Bar>[] = [
  b => b.symbol,
  b => isoMicros(b.at),
  b => digitsOf(b.open),
  b => digitsOf(b.high),
  b => digitsOf(b.low),
  b => digitsOf(b.close),
  b => b.volume,
];
