import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoMicros, type Micros} from '../core/time.ts';
import type {Bar} from './bars.ts';
import {SYMBOLS} from './universe.ts';

/** What the ingestion knows of its source, for data_ingestion.ingestion_status. */
export type IngestionStatus = {
  /** These bars were written. */
  readonly wrote: (bars: readonly Bar[]) => void;
  /** Bars could not be written. That stands until some are. */
  readonly failed: (error: unknown) => void;
  /** The parameters of feed/ingestion_status. */
  readonly params: () => readonly unknown[];
};

const SOURCE = 'feed';
/** From one bar to the next. */
const BAR_SECONDS = 60;

/** Keeps the start of each symbol's last bar, and why the last writing failed. */
export function createIngestionStatus(): IngestionStatus {
  const last = new Map<string, Micros>();
  let error: string | null = null;
  return {
    wrote: bars => {
      for (const {symbol, at} of bars) last.set(symbol, Math.max(at, last.get(symbol) ?? at));
      error = null;
    },
    failed: reason => {
      error = sanitise(failureOf(reason).message, 300) || 'bars cannot be written';
    },
    params: () => {
      const starts = SYMBOLS.map(symbol => last.get(symbol));
      return [SOURCE, BAR_SECONDS, error, SYMBOLS, starts.map(at => (at === undefined ? null : isoMicros(at)))];
    },
  };
}
