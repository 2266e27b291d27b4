import {z} from 'zod';
import {instant, maybeNumber, maybeText, number, rowSchema, text} from './columns.ts';
import type {Poller} from './poller.ts';
import {statementPoller} from './statement-poller.ts';

const SQL = 'monitor/partitions';

const row = rowSchema({
  schema: text,
  name: text,
  partitions: number,
  /** Whether there is a partition for now. */
  covered: z.boolean(),
  /** Where the partitions that go on from now without a gap end; undefined: for ever. */
  until: instant,
  ahead_seconds: maybeNumber,
  default_partition: maybeText,
  /** Rows in it, by the statistics; undefined: there is none. */
  default_rows: maybeNumber,
});

/** A table that is partitioned by time. */
export type PartitionsRow = z.output<typeof row>;

/** How far ahead the partitions by time reach. */
export const partitionsPoller: Poller<{partitions: PartitionsRow}> = statementPoller({
  everyMs: 60_000,
  samples: {
    partitions: {sql: SQL, row},
  },
});
