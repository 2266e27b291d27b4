import type {z} from 'zod';
import {instant, key, maybeNumber, maybeText, number, rowSchema, text} from './columns.ts';
import type {Poller} from './poller.ts';
import {statementPoller} from './statement-poller.ts';

const SQL = 'monitor/ingestion_status';

const row = rowSchema({
  source: key,
  symbol: key,
  last_bar_at: instant,
  /** From one bar to the next. */
  expected_seconds: number,
  /** ok, late, error or paused, as the ingestion says. */
  state: text,
  error: maybeText,
  state_since: instant,
  /** Since the start of its last bar; undefined: it has brought none. */
  bar_seconds: maybeNumber,
  /** Since the ingestion last said something of it. */
  silent_seconds: number,
});

/** How a source does with a symbol, as the ingestion itself says. */
export type IngestionRow = z.output<typeof row>;

/** The sources of bars, symbol by symbol, by data_ingestion.ingestion_status. */
export const ingestionPoller: Poller<{ingestion: IngestionRow}> = statementPoller({
  everyMs: 15_000,
  samples: {
    ingestion: {sql: SQL, row},
  },
});
