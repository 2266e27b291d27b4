import {z} from 'zod';
import type {Raw} from '../io/io.ts';
import {decode, instant, maybeNumber, maybeText, number, rowSchema, text} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';

const SQL = 'monitor/tables';

const maybeFlag = z
  .boolean()
  .nullable()
  .transform(value => value === true);

const row = rowSchema({
  schema: text,
  name: text,
  kind: z.enum(['table', 'partitioned', 'partition']),
  /** Table, TOAST and indexes; undefined while another session holds or awaits an exclusive lock on it. */
  size_bytes: maybeNumber,
  live_rows: number,
  dead_rows: number,
  last_vacuum: instant,
  /** Whether autovacuum did the last one. */
  vacuumed_auto: maybeFlag,
  last_analyze: instant,
  analyzed_auto: maybeFlag,
  /** Rows changed since the last ANALYZE. */
  changed_rows: maybeNumber,
  /** Since the counters' reset, as the next three. */
  seq_scans: maybeNumber,
  index_scans: maybeNumber,
  updated_rows: maybeNumber,
  /** Updates that needed no new entry in an index. */
  hot_rows: maybeNumber,
  /** Age of its oldest row in percent of the age at which autovacuum freezes it whatever else is set. */
  freeze_percent: maybeNumber,
  autovacuum_off: z.boolean(),
});

const measured = rowSchema({
  oid: z.string(),
  /** What tells that the size may have changed; undefined: a partitioned table. */
  changes: maybeText,
  size_bytes: maybeNumber,
});

/** A table. A partitioned table has the sums of its partitions. */
export type TableRow = z.output<typeof row>;

/** A size is measured anew after so many milliseconds, whatever the counters say. */
const SIZE_MS = 300_000;

/** What was measured of a table, and when. */
type Size = {readonly changes: string; readonly bytes: number; readonly at: number};

/**
 * The tables of the trading database. PostgreSQL looks at every file for a size, and rebuilds what it knows of every index:
 * so the size of a table that has not changed is not asked for again.
 */
export const tablesPoller: Poller<{tables: TableRow}> = {
  ids: ['tables'],
  everyMs: 25_000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL],
  deltas: false,
  reader: () => {
    let sizes: ReadonlyMap<string, Size> = new Map();
    return async ({trading}, _, clock) => {
      const at = clock.ticks();
      const known = [...sizes].filter(([, size]) => at - size.at < SIZE_MS);
      const raws = await trading.query(SQL, [
        known.map(([oid]) => oid),
        known.map(([, {changes}]) => changes),
        known.map(([, {bytes}]) => bytes),
      ]);
      sizes = new Map(sizesOf(raws, new Map(known), at));
      return {tables: decode(row, raws, SQL)};
    };
  },
};

function sizesOf(
  raws: readonly Raw[],
  known: ReadonlyMap<string, Size>,
  at: number,
): readonly (readonly [string, Size])[] {
  return decode(measured, raws, SQL).flatMap(({oid, changes, sizeBytes}) => {
    const before = known.get(oid);
    if (changes === undefined || sizeBytes === undefined) return [];
    return [[oid, before?.changes === changes ? before : {changes, bytes: sizeBytes, at}] as const];
  });
}
