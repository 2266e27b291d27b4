import {failureOf} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {isoMicros, type Micros} from '../core/time.ts';
import type {Pg} from '../io/pg.ts';
import {type FillResult, fillState, fillTrades} from './fill.ts';
import {BEAT, QUICK} from './session.ts';

/**
 * Why events may have been missed. `first_start`: no worker ever ran here; `restart`: none did meanwhile; `disconnect`: the
 * subscription was lost; `frozen`: this process stood still and the server cut it off; `overflow`: the queue had no room; `lost`: the stream no longer has what was not read yet, or another server has taken its place;
 * `unexplained`: the sweep found trades that none of these explains.
 */
type GapReason = 'first_start' | 'restart' | 'disconnect' | 'frozen' | 'overflow' | 'lost' | 'unexplained';

export type Gap = {
  readonly reason: GapReason;
  /** Until when nothing was missed for sure; undefined: nobody knows. */
  readonly from: Micros | undefined;
  readonly to: Micros;
};

/** Gaps that are declared and not yet written down, since the database may be what is away. Bounded: the oldest ones merge. */
export type GapBook = {
  readonly declare: (gap: Gap) => void;
  readonly pending: () => readonly Gap[];
  /** Writes them, by the database's clock; those that could not be written stay. Gives how many were. */
  readonly write: (db: Pg, worker: string, toDb: (at: Micros) => Micros) => Promise<number>;
};

const MOST = 50;

export function createGapBook(): GapBook {
  let pending: readonly Gap[] = [];
  return {
    declare: ({reason, from, to}) => {
      // Whole microseconds: PostgreSQL reads no others, and one gap that cannot be written keeps all later ones.
      const gap: Gap = {reason, from: from === undefined ? undefined : Math.floor(from), to: Math.ceil(to)};
      const last = pending.at(-1);
      const merge = last !== undefined && (last.reason === gap.reason || pending.length >= MOST);
      pending = merge ? [...pending.slice(0, -1), spanning(last, gap)] : [...pending, gap];
    },
    pending: () => pending,
    write: async (db, worker, toDb) => {
      let written = 0;
      for (;;) {
        const [gap] = pending;
        if (!gap) return written;
        const from = gap.from === undefined ? null : isoMicros(toDb(gap.from));
        await db.query('sync/gap_open', [worker, gap.reason, from, isoMicros(toDb(gap.to))], BEAT);
        // What was merged into it meanwhile is written again, as a gap of its own: a gap may overlap another.
        if (pending[0] === gap) pending = pending.slice(1);
        written++;
      }
    },
  };
}

const spanning = (a: Gap, b: Gap): Gap => ({
  reason: a.reason,
  from: a.from === undefined || b.from === undefined ? undefined : Math.min(a.from, b.from),
  to: Math.max(a.to, b.to),
});

/** Trades are looked for from a minute before a gap to a minute after: clocks differ, and a row is as old as its transaction. */
const OVERLAP_SECONDS = 60;

export type GapsFilled = {
  readonly open: number;
  readonly filled: number;
  readonly recovered: number;
  /** Trades that went into quarantine, and why. */
  readonly quarantined: FillResult['quarantined'];
  /** Why a gap could not be looked through whole; the others were. Undefined: all were. */
  readonly failed: unknown;
};

/**
 * Makes a pass over every gap that is not filled, whoever declared it. A gap is filled by a pass that began when no
 * transaction was open any more that had begun before the gap was written down: rows become visible in another order
 * than they are made, so that a pass before may have missed one.
 */
export async function fillGaps(db: Pg): Promise<GapsFilled> {
  const gaps = await db.query('sync/gaps_open', [OVERLAP_SECONDS], QUICK);
  let [filled, recovered] = [0, 0];
  const quarantined: SafeText[] = [];
  let failed: unknown;
  for (const {id, since, until, settled} of gaps) {
    const pass = await fillTrades(db, {since: textOrNull(since), until: textOrNull(until)});
    if (settled) await fillState(db, textOrNull(since));
    failed ??= pass.failed;
    const done = settled === true && pass.failed === undefined;
    await db.query('sync/gap_pass', [id, pass.recovered, done, noteOf(pass)], QUICK);
    filled += done ? 1 : 0;
    recovered += pass.recovered;
    quarantined.push(...pass.quarantined);
  }
  return {open: gaps.length - filled, filled, recovered, quarantined, failed};
}

/**
 * Looks for trades that the ledger lacks though no gap explains it, created since `since` (undefined: ever) and before
 * `until`, by the database's clock, repairs them, and declares that it had to.
 */
export async function sweep(db: Pg, worker: string, since: Micros | undefined, until: Micros): Promise<FillResult> {
  const span = {since: since === undefined ? null : isoMicros(since), until: isoMicros(until)};
  const found = await fillTrades(db, span);
  if (found.recovered + found.quarantined.length > 0) {
    const [gap] = await db.query('sync/gap_open', [worker, 'unexplained', found.first, found.last], QUICK);
    await db.query('sync/gap_pass', [gap?.id, found.recovered, found.failed === undefined, noteOf(found)], QUICK);
  }
  await fillState(db, span.since);
  return found;
}

function noteOf({quarantined, failed}: FillResult): string | null {
  const notes = [
    ...(failed === undefined ? [] : [failureOf(failed).message]),
    ...(quarantined.length === 0 ? [] : [`in quarantine: ${quarantined.join('; ')}`]),
  ];
  return notes.length === 0 ? null : sanitise(notes.join('; '), 1000);
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
