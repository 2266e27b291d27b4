import {type Micros, nowMicros, parseMicros} from '../core/time.ts';

/**
 * Converts between this machine's clock and the database's. Events have this machine's times and rows the database's, so
 * where one clock is wrong the times cannot be compared. Everything written to the database is in its own time.
 */
type DbClock = {
  /** Takes the database's time from an answer that has just come, after `tookMs` milliseconds. */
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
