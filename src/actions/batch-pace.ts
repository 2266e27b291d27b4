import {setTimeout as wait} from 'node:timers/promises';

/** A batch's size adapts so that it takes about this long: short locks, little WAL at once. */
const BATCH_MS = 80;
const [MIN_ROWS, FIRST_ROWS, MAX_ROWS] = [100, 1000, 10_000];
const [MIN_PAUSE_MS, MAX_PAUSE_MS] = [20, 1000];

/** How fast rows are moved by the batch. */
export const PACE = {
  /** Rows in the first batch, and in any. */
  first: FIRST_ROWS,
  most: MAX_ROWS,
  /** Rows in the batch after one of `size` rows that took so long. */
  next: (size: number, ms: number): number =>
    Math.round(Math.min(MAX_ROWS, size * 2, Math.max(MIN_ROWS, (size * BATCH_MS) / ms, size / 2))),
  /** Pauses after a batch half as long as it took, within bounds, so that others have the disk a third of the time. */
  pause: (ms: number, signal: AbortSignal): Promise<unknown> =>
    wait(Math.min(MAX_PAUSE_MS, Math.max(MIN_PAUSE_MS, ms / 2)), undefined, {signal}).catch(() => {}),
} as const;
