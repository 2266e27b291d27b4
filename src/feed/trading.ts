import {setTimeout as delay} from 'node:timers/promises';
import {type Micros, nowMicros} from '../core/time.ts';
import type {Desk} from './desk.ts';
import {batchMessages, type Outbox} from './outbox.ts';
import {createRandom} from './random.ts';
import type {DeskService} from './services.ts';
import {type WriteBatch, writeBatch, writeBatchOf} from './write.ts';

export type Trading = {
  readonly desk: Desk;
  readonly execution: DeskService;
  readonly outbox: Outbox;
  /** Trades a second. */
  readonly rate: number;
  readonly seed: number;
  /** Called after each commit. */
  readonly onBatch: (batch: WriteBatch) => void;
  readonly onFailure: (what: string, error: unknown) => void;
};

// Above this rate trades are written in batches, one a tick: one commit for each would reach the server's limit.
const SINGLE_RATE = 20;
const TICK_MS = 50;
const RETRY_MS = [100, 200, 500, 1000, 2000] as const;

/**
 * Trades until `signal` aborts: each batch of the desk's steps is written in one transaction and published after its
 * commit. A batch that cannot be written is tried again until it can: the desk waits for its database, and publishes
 * nothing meanwhile.
 */
export async function runTrading(trading: Trading, signal: AbortSignal): Promise<void> {
  const {desk, execution, outbox, rate} = trading;
  const next = createArrivals(rate, trading.seed);
  let last = nowMicros();
  while (!signal.aborted) {
    const {count, afterMs} = next();
    await delay(afterMs, undefined, {signal}).catch(() => {});
    if (signal.aborted) break;
    if (count === 0 || !desk.mayStep()) continue;
    const now = nowMicros();
    const batch = writeBatchOf(timesOf(count, last, now).map(at => desk.step(at)));
    last = now;
    if (!(await untilWritten(() => writeBatch(execution, batch), trading.onFailure, signal))) break;
    outbox.put(batchMessages(batch, nowMicros()));
    trading.onBatch(batch);
  }
}

/**
 * When the next trades are due, and how many: one by one at random times, or those of a tick. Lost time is not made up
 * for.
 */
function createArrivals(rate: number, seed: number): () => {readonly count: number; readonly afterMs: number} {
  const random = createRandom(seed, 'arrivals');
  if (rate <= SINGLE_RATE) {
    return () => ({count: 1, afterMs: Math.min(5, -Math.log(1 - random.next())) * (1000 / rate)});
  }
  let due = 0;
  let before = performance.now();
  return () => {
    const now = performance.now();
    due = Math.min(due + ((now - before) * rate) / 1000, rate);
    const count = Math.floor(due);
    due -= count;
    before = now;
    return {count, afterMs: TICK_MS};
  };
}

// Spread evenly over the time since the last batch: none in the future, no two at the same time.
function timesOf(count: number, last: Micros, now: Micros): readonly Micros[] {
  const span = Math.max(now - last, count);
  return Array.from({length: count}, (_, i) => now - Math.floor(((count - 1 - i) * span) / count));
}

async function untilWritten(
  write: () => Promise<void>,
  onFailure: Trading['onFailure'],
  signal: AbortSignal,
): Promise<boolean> {
  for (let failures = 0; ; failures++) {
    try {
      await write();
      return true;
    } catch (error) {
      onFailure('execution', error);
      const ms = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)];
      await delay(ms, undefined, {signal}).catch(() => {});
      if (signal.aborted) return false;
    }
  }
}
