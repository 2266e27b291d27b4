import type {SessionId} from '../actions/target.ts';
import type {Config} from '../config/config.ts';
import {EXPLAIN_PG} from '../explain/explain.ts';
import {profileWaits} from '../explain/wait-profile.ts';
import {openPg} from '../io/pg.ts';
import type {SqlLibrary} from '../io/sql.ts';
import type {Store} from '../store/store.ts';

/** Samples what sessions wait for, one session at a time. */
export type Profiler = {
  /** Begins with this session; a profile that goes on ends. */
  readonly profile: (session: SessionId) => void;
  readonly close: () => void;
};

/** How many samples come between two frames. */
const SHOW_EVERY = 5;

/** Makes a profiler, which has a connection of its own for as long as a profile takes. */
export function createProfiler(config: Config, sql: SqlLibrary, store: Pick<Store, 'setWaits'>): Profiler {
  let over = new AbortController();
  const run = async (session: SessionId, signal: AbortSignal): Promise<void> => {
    const pool = openPg(config.trading, sql, {name: 'tradetop profile', max: 1, ...EXPLAIN_PG, reads: 'as monitor'});
    for await (const waits of profileWaits(pool, session, signal)) {
      if (!signal.aborted && (waits.phase === 'over' || waits.samples % SHOW_EVERY === 0)) store.setWaits(waits);
    }
    await pool.close();
  };
  return {
    profile: session => {
      over.abort();
      over = new AbortController();
      void run(session, over.signal);
    },
    close: () => over.abort(),
  };
}
