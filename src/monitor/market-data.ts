import type {z} from 'zod';
import {digits, instant, key, maybeKey, maybeNumber, maybeText, number, rowSchema, text} from './columns.ts';
import type {Poller} from './poller.ts';
import {statementPoller} from './statement-poller.ts';

const BARS = 'monitor/market_data';
const QUALITY = 'monitor/market_quality';

const bar = rowSchema({
  symbol: key,
  /** The beginning of its last bar. */
  last_at: instant,
  close: digits,
  volume: digits,
  /** The usual time between two of its bars; undefined: it has but one. */
  interval_seconds: maybeNumber,
  /** Since the beginning of its last bar, by the server's clock. */
  age_seconds: number,
});
const quality = rowSchema({
  /** Undefined: findings that are about no symbol. */
  symbol: maybeKey,
  findings: number,
  /** The worst of them: critical, error, warning or info. */
  severity: text,
  source: maybeText,
  /** Of the last finding. */
  check_name: text,
  message: text,
  at: instant,
});

/** The last bar of a symbol. */
export type MarketDataRow = z.output<typeof bar>;

/** What is wrong with the data of a symbol, as the ingestion sees it. */
export type MarketQualityRow = z.output<typeof quality>;

/** The last bar of each symbol, and what the ingestion found wrong with its data. */
export const marketDataPoller: Poller<{market_data: MarketDataRow; market_quality: MarketQualityRow}> = statementPoller(
  {
    // Bars come once a minute, and finding the symbols of a partitioned table costs the server some 15 ms.
    everyMs: 15_000,
    samples: {
      market_data: {sql: BARS, row: bar},
      market_quality: {sql: QUALITY, row: quality},
    },
  },
);
