import {z} from 'zod';
import {decode, instant, maybeNumber, number, rowSchema, text} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';

const SQL = 'monitor/tables';

const row = rowSchema({
  schema: text,
  name: text,
  kind: z.enum(['table', 'partitioned', 'partition']),
  /** Table, TOAST and indexes; undefined while another session holds or awaits an exclusive lock on it. */
  size_bytes: maybeNumber,
  live_rows: number,
  dead_rows: number,
  last_vacuum: instant,
});

/** A table that can be chosen for maintenance. A partitioned table has the sums of its partitions. */
export type TableRow = z.output<typeof row>;

/** The tables of the trading database, read seldom: PostgreSQL looks at every file for their sizes. */
export const tablesPoller: Poller<{tables: TableRow}> = {
  ids: ['tables'],
  everyMs: 15_000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL],
  deltas: false,
  reader:
    () =>
    async ({trading}) => ({tables: decode(row, await trading.query(SQL), SQL)}),
};
