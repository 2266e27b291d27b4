import {type Micros, nowMicros, parseMicros} from '../core/time.ts';

/**
 * The database's clock beside this machine's. Events are heard by ours and rows are written by the database's, so that
 * a span of the one means nothing to the other when either is wrong; what is written down is always the database's.
 */
export type DbClock = {
  /** The database said its time in an answer that has just come and took `tookMs`. */
  readonly told: (text: unknown, tookMs: number) => void;
  readonly toDb: (at: Micros) => Micros;
  readonly fromDb: (at: Micros) => Micros;
};

export function createDbClock(now: () => Micros = nowMicros): DbClock {
  let ahead = 0;
  return {
    told: (text, tookMs) => {
      const theirs = typeof text === 'string' ? parseMicros(text) : undefined;
      if (theirs !== undefined) ahead = Math.round(theirs - (now() - (tookMs * 1000) / 2));
    },
    toDb: at => at + ahead,
    fromDb: at => at - ahead,
  };
}
