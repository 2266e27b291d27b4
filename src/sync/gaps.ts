import {isoMicros, type Micros} from '../core/time.ts';
import type {Pg} from '../io/pg.ts';
import {BEAT} from './session.ts';

/**
 * Why events may have been missed. `first_start`: no worker ran here before. `restart`: no worker ran meanwhile.
 * `disconnect`: the subscription was lost. `frozen`: this process was suspended and the server cut it off. `overflow`: the
 * queue was full. `lost`: the stream no longer has entries that were not read, or another server has taken its place.
 * `unexplained`: the sweep found trades that no other gap explains.
 */
type GapReason = 'first_start' | 'restart' | 'disconnect' | 'frozen' | 'overflow' | 'lost' | 'unexplained';

/** A span of time in which events may have been missed. */
export type Gap = {
  readonly reason: GapReason;
  /** Nothing published before this was missed; undefined: that is not known. */
  readonly from: Micros | undefined;
  readonly to: Micros;
};

/**
 * Declared gaps that are not in the database yet, since the database may be down. Bounded: a gap merges into the last
 * one where that has the same reason, or where the limit is reached.
 */
export type PendingGaps = {
  readonly declare: (gap: Gap) => void;
  readonly list: () => readonly Gap[];
  /** Writes them by the database's clock; those that fail stay pending. Gives how many it wrote. */
  readonly write: (db: Pg, worker: string, toDb: (at: Micros) => Micros) => Promise<number>;
};

const MOST = 50;

export function createPendingGaps(): PendingGaps {
  let pending: readonly Gap[] = [];
  return {
    declare: ({reason, from, to}) => {
      // Whole microseconds: PostgreSQL reads no others, and a gap that cannot be written blocks all later ones.
      const gap: Gap = {reason, from: from === undefined ? undefined : Math.floor(from), to: Math.ceil(to)};
      const last = pending.at(-1);
      const merge = last !== undefined && (last.reason === gap.reason || pending.length >= MOST);
      pending = merge ? [...pending.slice(0, -1), spanning(last, gap)] : [...pending, gap];
    },
    list: () => pending,
    write: async (db, worker, toDb) => {
      let written = 0;
      for (;;) {
        const [gap] = pending;
        if (!gap) return written;
        const from = gap.from === undefined ? null : isoMicros(toDb(gap.from));
        await db.query('sync/gap_open', [worker, gap.reason, from, isoMicros(toDb(gap.to))], BEAT);
        // A gap that merged into it meanwhile is written again, as a gap of its own: gaps may overlap.
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
