import {hostname} from 'node:os';
import {failureOf} from '../core/errors.ts';
import {isoMicros, type Micros, nowMicros, parseMicros} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import type {Pg} from '../io/pg.ts';
import {createDbClock} from './db-clock.ts';
import type {Gap, GapBook} from './gaps.ts';
import type {Lane} from './lane.ts';
import {BEAT} from './session.ts';
import type {SyncCounters} from './stats.ts';

export type HeartOptions = {
  readonly care: Pg;
  /** The worker's name. */
  readonly name: string;
  readonly mode: 'pubsub' | 'streams';
  readonly book: GapBook;
  readonly tally: SyncCounters;
  readonly lane: () => Lane;
  readonly declare: (gap: Gap) => void;
};

/** What tells the database of a worker, and the worker of the database. */
export type Heart = {
  /** Writes the gaps that are declared and a sign of life. `stops`: the last one. */
  readonly beat: (stops: boolean) => Promise<void>;
  /** When the last one was taken, in milliseconds of `performance.now()`; undefined: none yet. */
  readonly beatAt: () => number | undefined;
  /** Until when the workers before had everything; undefined while the database has not told, null when there was none. */
  readonly before: () => Micros | null | undefined;
  /** A time of ours by the database's clock. */
  readonly toDb: (at: Micros) => Micros;
};

/** A repair that was ended is not ended again before, in milliseconds: on a slow server it would never come to its end. */
const DROP_EVERY_MS = 60_000;

export function createHeart({care, name, mode, book, tally, lane, declare}: HeartOptions): Heart {
  const clock = createDbClock();
  const started = nowMicros();
  let before: Micros | null | undefined;
  let beatAt: number | undefined;
  const toDb = (at: Micros): string => isoMicros(clock.toDb(at));
  // Asks what also tells the database's time.
  const ask = async (statement: string, row: readonly unknown[]): Promise<Raw | undefined> => {
    let tookMs = 0;
    const timed = (ms: number): void => {
      tookMs = ms;
    };
    const [answer] = await care.query(statement, row, {...BEAT, timed});
    clock.told(answer?.clock, tookMs);
    return answer;
  };
  const beat = async (stops: boolean): Promise<void> => {
    if (before === undefined) {
      const safe = (await ask('sync/last_safe', []))?.safe_at;
      const at = typeof safe === 'string' ? parseMicros(safe) : undefined;
      before = at === undefined ? null : clock.fromDb(at);
    }
    const spilt = lane().takeOverflow();
    if (spilt) declare({reason: 'overflow', from: spilt.from, to: spilt.to});
    await book.write(care, name, clock.toDb);
    const safe = safeAt(lane(), book);
    tally.roll();
    const stats = JSON.stringify(tally.stats(lane().queue()));
    const at = safe === undefined ? null : toDb(safe);
    const told = await ask('sync/heartbeat', [name, mode, hostname(), process.pid, toDb(started), at, stats, stops]);
    tally.stored({ledger: Number(told?.ledger), quarantine: Number(told?.quarantine)});
    beatAt = performance.now();
  };
  const drop = createDrop(care);
  return {
    beat: stops =>
      beat(stops).catch((error: unknown) => {
        if (!stops) drop(error);
        throw error;
      }),
    beatAt: () => beatAt,
    before: () => before,
    toDb: clock.toDb,
  };
}

// A connection that is silently dead tells nothing, and a pass over a gap would wait on it for minutes: when a sign of
// life is not answered on one of them, the others are not trusted. One that cannot be made says nothing of the others.
function createDrop(care: Pg): (error: unknown) => void {
  let droppedAt = Number.NEGATIVE_INFINITY;
  return error => {
    const {sqlstate, message} = failureOf(error);
    if (sqlstate !== undefined || !UNANSWERED.test(message) || performance.now() - droppedAt < DROP_EVERY_MS) return;
    droppedAt = performance.now();
    care.drop();
  };
}

// The driver's words: they carry no code.
const UNANSWERED = /Query read timeout|Connection terminated unexpectedly/;

/** Until when everything that was published is committed or in a gap that is written down; undefined: nobody knows. */
function safeAt(lane: Lane, book: GapBook): Micros | undefined {
  const known = [lane.provenAt(), lane.oldest(), ...book.pending().map(gap => gap.from)];
  if (known[0] === undefined || book.pending().some(gap => gap.from === undefined)) return undefined;
  return Math.min(...known.filter(time => time !== undefined));
}
