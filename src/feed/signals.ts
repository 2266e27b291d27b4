import {columnsOf} from '../core/columns.ts';
import {isoMicros} from '../core/time.ts';
import {digitsOf} from './fixed.ts';
import type {Order} from './orders.ts';
import {createRandom} from './random.ts';
import type {DeskService} from './services.ts';

/** Writes the signals that these orders came of, in one statement. */
export async function writeSignals({run}: DeskService, orders: readonly Order[], seed: number): Promise<void> {
  const random = createRandom(seed, `strength ${orders[0]?.orderId}`);
  const rows = columnsOf<Order>(orders, [
    o => o.strategy,
    o => o.symbol,
    o => o.side,
    () => random.next().toFixed(6),
    o => digitsOf(o.price ?? o.stopPrice ?? 0n).replace(/^0\.0000$/, '') || null,
    o => digitsOf(o.quantity),
    o => o.orderId,
    o => isoMicros(o.createdAt),
  ]);
  await run('feed/signals', rows);
}
