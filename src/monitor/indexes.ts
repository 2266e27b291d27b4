import {z} from 'zod';
import {instant, maybeText, number, rowSchema, text} from './columns.ts';
import type {Poller} from './poller.ts';
import {statementPoller} from './statement-poller.ts';

const INDEXES = 'monitor/indexes';
const BLOAT = 'monitor/bloat';

const index = rowSchema({
  schema: text,
  table: text,
  name: text,
  problem: z.enum(['invalid', 'duplicate', 'unused']),
  /** The index that does the same. */
  duplicate_of: maybeText,
  /** By the catalogue: at the last VACUUM or ANALYZE. */
  size_bytes: number,
  /** Since when uses are counted; undefined: since the database was made, or since a crash. */
  counted_since: instant,
});
const bloat = rowSchema({
  schema: text,
  name: text,
  /** Of the table's pages, 0…100. An estimate. */
  bloat_percent: number,
  bloat_bytes: number,
});

/** An index that needs a look. */
export type IndexRow = z.output<typeof index>;

/** An estimate of what a table's pages hold beyond its rows. */
export type BloatRow = z.output<typeof bloat>;

/** What changes in hours: indexes that are invalid, double or unused, and the estimated bloat. */
export const indexesPoller: Poller<{indexes: IndexRow; bloat: BloatRow}> = statementPoller({
  everyMs: 300_000,
  samples: {
    indexes: {sql: INDEXES, row: index},
    bloat: {sql: BLOAT, row: bloat},
  },
});
