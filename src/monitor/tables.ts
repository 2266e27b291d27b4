import {z} from 'zod';
import {instant, maybeNumber, number, rowSchema, text} from './columns.ts';
import type {Poller} from './poller.ts';
import {statementPoller} from './statement-poller.ts';

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

/** A table. A partitioned table has the sums of its partitions. */
export type TableRow = z.output<typeof row>;

/** The tables of the trading database, read seldom: PostgreSQL looks at every file for their sizes. */
export const tablesPoller: Poller<{tables: TableRow}> = statementPoller({
  everyMs: 25_000,
  samples: {
    tables: {sql: SQL, row},
  },
});
