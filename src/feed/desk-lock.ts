import {setTimeout as delay} from 'node:timers/promises';
import type pg from 'pg';
import {UserError} from '../core/errors.ts';
import type {Pg} from '../io/pg.ts';

/** Two desks on one database would overwrite each other's positions: the first one has the lock. */
export type DeskLock = {
  /** Throws a UserError where another desk has it, and the driver's errors. */
  readonly take: () => Promise<void>;
  readonly close: () => void;
};

// A desk that was killed a moment ago may still have its session.
const PATIENCE_MS = 3000;
const AGAIN_MS = 1000;

/** A lock of a session of its own, taken again whenever that session is lost. */
export function createDeskLock({pool, sql}: Pg): DeskLock {
  let held: pg.PoolClient | undefined;
  let closed = false;
  const attempt = async (): Promise<boolean> => {
    const client = await pool.connect();
    const {rows} = await client.query(sql.statement('feed/lock', 0)).catch(error => {
      client.release(error);
      throw error;
    });
    if (rows[0]?.held !== true || closed) {
      client.release(closed);
      return closed;
    }
    held = client;
    client.once('end', () => {
      held?.release(true);
      held = undefined;
      void again();
    });
    return true;
  };
  const again = async (): Promise<void> => {
    while (!closed && !(await attempt().catch(() => false))) await delay(AGAIN_MS, undefined, {ref: false});
  };
  return {
    take: async () => {
      for (const until = performance.now() + PATIENCE_MS; !(await attempt()); await delay(200)) {
        if (performance.now() < until) continue;
        throw new UserError('Another simulated desk runs on this database.', 'Stop it, or wait until it ends.');
      }
    },
    close: () => {
      closed = true;
      const client = held;
      held = undefined;
      client?.release(true);
    },
  };
}
