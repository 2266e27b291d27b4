import {z} from 'zod';
import type {Raw} from '../io/io.ts';
import {decode, maybeNumber, maybeText, number, type RowOf, rowSchema, text, textOrEmpty} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import {blind} from './source-error.ts';

const SQL = 'monitor/progress';

const row = rowSchema({
  pid: number,
  relation: textOrEmpty,
  command: text,
  /** Undefined where PostgreSQL hides the details. */
  phase: maybeText,
  done: number,
  total: number,
  /** Of a VACUUM. */
  scanned_blocks: maybeNumber,
  heap_blocks: maybeNumber,
  seconds: number,
  automatic: z.boolean(),
  reader: text,
});

/** Where a phase was when it was first seen, and when that was. @internal */
export type ProgressMemory = ReadonlyMap<string, {readonly done: number; readonly at: number}>;

/** A long operation under way. */
export type ProgressRow = RowOf<(raws: readonly Raw[]) => ReturnType<typeof foldProgress>['rows']>;

/**
 * Adds the share that is done of each phase, and how long the rest takes at the pace since the phase was first seen. `at`:
 * milliseconds of our clock. Throws a SourceError where PostgreSQL hides the details.
 * @internal
 */
export function foldProgress(before: ProgressMemory, raws: readonly Raw[], at: number) {
  const memory = new Map<string, {readonly done: number; readonly at: number}>();
  const rows = decode(row, raws, SQL).map(({reader, phase, scannedBlocks = 0, heapBlocks, done, total, ...rest}) => {
    if (phase === undefined) throw blind(reader);
    const key = `${rest.pid} ${rest.command} ${rest.relation} ${phase}`;
    const past = before.get(key);
    const first = past !== undefined && past.done <= done ? past : {done, at};
    memory.set(key, first);
    const perMs = at > first.at ? (done - first.done) / (at - first.at) : 0;
    return {
      ...rest,
      phase,
      /** 0…100 of the phase; undefined where PostgreSQL cannot tell. */
      percent: total > 0 ? Math.min(100, (done * 100) / total) : undefined,
      /** Until the end of the phase, in seconds; undefined until its pace is known. */
      leftSeconds: total > 0 && perMs > 0 ? Math.max(0, total - done) / perMs / 1000 : undefined,
      /** Of a VACUUM: blocks of the table that are scanned, 0…100. An empty table has none to scan. */
      scannedPercent:
        heapBlocks === undefined
          ? undefined
          : heapBlocks > 0
            ? Math.min(100, (scannedBlocks * 100) / heapBlocks)
            : phase === 'initializing'
              ? 0
              : 100,
    };
  });
  return {memory, rows};
}

/** The long operations under way in the trading database, and the base backups of its server. */
export const progressPoller: Poller<{progress: ProgressRow}> = {
  ids: ['progress'],
  everyMs: 1000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL],
  deltas: false,
  reader: () => {
    let memory: ProgressMemory = new Map();
    return async ({trading}, _, clock) => {
      const folded = foldProgress(memory, await trading.query(SQL), clock.ticks());
      memory = folded.memory;
      return {progress: folded.rows};
    };
  },
};
