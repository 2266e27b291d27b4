import {setTimeout as delay} from 'node:timers/promises';
import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {Pg} from '../io/pg.ts';
import {nextDelay} from './backoff.ts';
import {type Batch, EMPTY_BATCH, eventsOf} from './batch.ts';
import type {BatchListener} from './consumer.ts';
import {earliestOf} from './earliest.ts';
import {applyIsolated} from './isolate.ts';
import type {Queue} from './queue.ts';

type BatchWriterOptions = BatchListener & {readonly db: Pg; readonly queue: Queue};

/** Takes batches from the queue and commits them, one transaction each, until it is drained. */
type BatchWriter = {
  /** Call it after an event was queued. */
  readonly wake: () => void;
  /** The batch in flight: it is taken and not committed. */
  readonly inFlight: () => Batch;
  /** Publication of the oldest event of the batch in flight. */
  readonly oldest: () => Micros | undefined;
  /** Ends when the queue is empty, or at once when `limit` aborts. True: everything is committed. */
  readonly drain: (limit: AbortSignal) => Promise<boolean>;
};

/** Most trades in a batch. */
const MOST_TRADES = 2000;
/** A queue with fewer events waits for more, for LINGER_MS. */
const SMALL = 200;
const LINGER_MS = 4;

export function startBatchWriter(options: BatchWriterOptions): BatchWriter {
  const state: State = {
    inFlight: undefined,
    woken: Promise.withResolvers(),
    stopping: new AbortController(),
    abandoned: new AbortController(),
  };
  const {stopping, abandoned} = state;
  const running = writeBatches(options, state);
  return {
    wake: () => state.woken.resolve(),
    inFlight: () => state.inFlight ?? EMPTY_BATCH,
    oldest: () => (state.inFlight ? earliestOf(eventsOf(state.inFlight)) : undefined),
    drain: async limit => {
      stopping.abort();
      state.woken.resolve();
      const abandon = () => abandoned.abort();
      limit.addEventListener('abort', abandon);
      if (limit.aborted) abandon();
      await Promise.race([running, new Promise(resolve => abandoned.signal.addEventListener('abort', resolve))]);
      return options.queue.size() === 0 && state.inFlight === undefined;
    },
  };
}

type State = {
  inFlight: Batch | undefined;
  woken: PromiseWithResolvers<void>;
  /** Drain was called: end when the queue is empty. */
  readonly stopping: AbortController;
  /** The drain's limit is over: end now. */
  readonly abandoned: AbortController;
};

async function writeBatches(options: BatchWriterOptions, state: State): Promise<void> {
  const {queue} = options;
  const {stopping, abandoned} = state;
  let waitedMs = 0;
  while (!abandoned.signal.aborted) {
    if (queue.size() === 0) {
      if (stopping.signal.aborted) return;
      state.woken = Promise.withResolvers();
      await state.woken.promise;
      continue;
    }
    if (queue.size() < SMALL && !stopping.signal.aborted) await delay(LINGER_MS);
    waitedMs = await writeBatch(options, state, waitedMs);
  }
}

/** Gives how long it waited after a failure, in milliseconds; 0: the batch is committed. */
async function writeBatch(options: BatchWriterOptions, state: State, waitedMs: number): Promise<number> {
  const {queue, onFailed} = options;
  const batch = queue.take(MOST_TRADES) ?? EMPTY_BATCH;
  state.inFlight = batch;
  try {
    await commit(options, batch);
    state.inFlight = undefined;
    return 0;
  } catch (error) {
    queue.putBack(batch);
    state.inFlight = undefined;
    const inMs = nextDelay(waitedMs);
    onFailed(sanitise(failureOf(error).message, 300), inMs);
    const jittered = inMs * (0.5 + Math.random() / 2);
    await delay(jittered, undefined, {signal: state.abandoned.signal}).catch(() => {});
    return inMs;
  }
}

async function commit({db, onCommitted}: BatchWriterOptions, batch: Batch): Promise<void> {
  const start = performance.now();
  const outcome = await applyIsolated(db, batch);
  onCommitted(batch, outcome, performance.now() - start);
}
