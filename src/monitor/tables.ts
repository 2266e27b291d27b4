import {z} from 'zod';
import type {Raw} from '../io/io.ts';
import {decode, instant, maybeNumber, number, text} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import type {TableRow} from './rows.ts';

const SQL = 'monitor/tables';

const row = z.object({
  schema: text,
  name: text,
  kind: z.enum(['table', 'partitioned', 'partition']),
  size_bytes: maybeNumber,
  live_rows: number,
  dead_rows: number,
  last_vacuum: instant,
  last_analyze: instant,
  vacuum_count: number,
});

/** Rows as the panes show them. */
export const tableRows = (raws: readonly Raw[]): readonly TableRow[] =>
  decode(row, raws, SQL).map(r => ({
    schema: r.schema,
    name: r.name,
    kind: r.kind,
    sizeBytes: r.size_bytes,
    liveRows: r.live_rows,
    deadRows: r.dead_rows,
    lastVacuum: r.last_vacuum,
    lastAnalyze: r.last_analyze,
    vacuumCount: r.vacuum_count,
  }));

/** The tables of the trading database. Sizes mean a look at every file, so they are asked for seldom. */
export const tablesPoller: Poller<{tables: TableRow}> = {
  ids: ['tables'],
  everyMs: 15_000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL],
  deltas: false,
  reader:
    () =>
    async ({trading}) => ({tables: tableRows(await trading.query(SQL))}),
};
