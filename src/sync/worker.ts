import {setTimeout as delay} from 'node:timers/promises';
import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {Pg} from '../io/pg.ts';
import {applyIsolated, type IsolateOutcome, itemsOf, symbolsOf} from './isolate.ts';
import {leastSince} from './item.ts';
import {nextWait} from './loops.ts';
import type {Batch, Queue} from './queue.ts';

export type WorkerOptions = {
  readonly db: Pg;
  readonly queue: Queue;
  readonly onCommitted: (batch: Batch, outcome: IsolateOutcome, ms: number) => void;
  /** The database did not take the batch through no fault of its events; it is tried again. */
  readonly onFailed: (message: string, inMs: number) => void;
  /** Most trades in a transaction. */
  readonly most?: number;
  /** How long a small batch waits for more, in milliseconds. */
  readonly lingerMs?: number;
  /** Positions are marked to new prices at most so often, in milliseconds. */
  readonly revalueMs?: number;
};

/** Takes events from the queue to the database, a batch a transaction, for ever. */
export type Worker = {
  /** Something was queued. */
  readonly wake: () => void;
  /** What is taken and not committed. */
  readonly taken: () => Batch;
  /** Publication of the oldest event that is taken and not committed. */
  readonly oldest: () => Micros | undefined;
  /** Ends when the queue is empty, or at once when `signal` aborts. True: everything was committed. */
  readonly drain: (signal: AbortSignal) => Promise<boolean>;
};

const SMALL = 200;

export function startWorker(options: WorkerOptions): Worker {
  const {db, queue, most = 2000, lingerMs = 4, revalueMs = 200} = options;
  let taken: Batch | undefined;
  let unmarked: readonly string[] = [];
  let markedAt = 0;
  let woken = Promise.withResolvers<void>();
  const stopping = new AbortController();
  const abandoned = new AbortController();
  const idle = (): boolean => queue.size() === 0 && (unmarked.length === 0 || stopping.signal.aborted);

  const apply = async (batch: Batch): Promise<void> => {
    const start = performance.now();
    const now = start - markedAt >= revalueMs || stopping.signal.aborted;
    const outcome = await applyIsolated(db, batch, {now, dirty: unmarked});
    unmarked = outcome.unmarked;
    if (now) markedAt = start;
    options.onCommitted(batch, outcome, performance.now() - start);
  };

  const step = async (wait: number): Promise<number> => {
    const batch = queue.take(most) ?? EMPTY;
    taken = batch;
    try {
      await apply(batch);
      taken = undefined;
      return 0;
    } catch (error) {
      // A half of it may be committed: then nothing tells any more that its positions are to be marked.
      unmarked = symbolsOf(batch, unmarked);
      queue.putBack(batch);
      taken = undefined;
      const inMs = nextWait(wait);
      options.onFailed(sanitise(failureOf(error).message, 300), inMs);
      await delay(inMs * (0.5 + Math.random() / 2), undefined, {signal: abandoned.signal}).catch(() => {});
      return inMs;
    }
  };

  const run = async (): Promise<void> => {
    let wait = 0;
    while (!abandoned.signal.aborted) {
      if (idle()) {
        if (stopping.signal.aborted) return;
        woken = Promise.withResolvers();
        await woken.promise;
        continue;
      }
      if (queue.size() === 0) {
        woken = Promise.withResolvers();
        await pause(revalueMs, woken.promise);
      }
      if (queue.size() < SMALL && !stopping.signal.aborted) await delay(lingerMs);
      wait = await step(wait);
    }
  };
  const running = run();
  return {
    wake: () => woken.resolve(),
    taken: () => taken ?? EMPTY,
    oldest: () => (taken ? leastSince(itemsOf(taken)) : undefined),
    drain: async signal => {
      stopping.abort();
      woken.resolve();
      const abandon = () => abandoned.abort();
      signal.addEventListener('abort', abandon);
      if (signal.aborted) abandon();
      await Promise.race([running, new Promise(resolve => abandoned.signal.addEventListener('abort', resolve))]);
      return queue.size() === 0 && taken === undefined;
    },
  };
}

const EMPTY: Batch = {trades: [], positions: [], marks: []};

// Waits for the time or for `sooner`, whichever is first, and leaves no timer behind.
async function pause(ms: number, sooner: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  await Promise.race([sooner, delay(ms, undefined, {signal: over.signal}).catch(() => {})]);
  over.abort();
}
