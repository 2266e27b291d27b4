import {type Micros, nowMicros, parseMicros} from '../core/time.ts';

/**
 * The database's clock beside this machine's. Events are received by this machine's clock and rows are written by the
 * database's, so where one of them is wrong a span of the one means nothing to the other. What is written to the
 * database is always in its own time.
 */
type DbClock = {
  /** The database stated its time in an answer that has just come and took `tookMs` milliseconds. */
  readonly read: (text: unknown, tookMs: number) => void;
  readonly toDb: (at: Micros) => Micros;
  readonly fromDb: (at: Micros) => Micros;
};

export function createDbClock(): DbClock {
  let ahead = 0;
  return {
    read: (text, tookMs) => {
      const dbNow = typeof text === 'string' ? parseMicros(text) : undefined;
      if (dbNow !== undefined) ahead = Math.round(dbNow - (nowMicros() - (tookMs * 1000) / 2));
    },
    toDb: at => at + ahead,
    fromDb: at => at - ahead,
  };
}
