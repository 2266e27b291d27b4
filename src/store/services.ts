import type {Micros} from '../core/time.ts';
import type {GoneService} from '../model/state.ts';
import type {SessionsRow} from '../monitor/sessions.ts';

type Known = {row: SessionsRow; since: Micros; lastAt: Micros; longestGap: number};

/** The most services that are remembered, and for how long one that is gone. */
const MOST = 100;
const REMEMBERED: Micros = 86_400_000_000;
/** A service that was connected for a shorter time was not there. */
const LEAST: Micros = 20_000_000;

/** Remembers the desk's services by their sessions: which were there and are no more, and since when. */
export function createServices() {
  const known = new Map<string, Known>();
  let gone: readonly GoneService[] = [];
  return {
    /** Takes in a good reading of the sessions. */
    read: (rows: readonly SessionsRow[], at: Micros): void => {
      for (const row of rows) {
        if (!row.ofDesk) continue;
        const key = `${row.database}/${row.service}`;
        const one = known.get(key);
        if (one === undefined && known.size >= MOST) continue;
        const away = one !== undefined && gone.some(g => g.key === key);
        const longestGap = Math.max(one?.longestGap ?? 0, away ? (at - one.lastAt) / 1e6 : 0);
        known.set(key, {row, since: one?.since ?? at, lastAt: at, longestGap});
      }
      const absent: GoneService[] = [];
      for (const [key, {row, since, lastAt, longestGap}] of known) {
        if (lastAt === at) continue;
        if (lastAt - since < LEAST || at - lastAt > REMEMBERED) known.delete(key);
        else absent.push({key, service: row.service, database: row.database, since: lastAt, usualSeconds: longestGap});
      }
      gone = absent;
    },
    gone: (): readonly GoneService[] => gone,
  };
}
