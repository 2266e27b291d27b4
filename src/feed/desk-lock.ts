import {setTimeout as delay} from 'node:timers/promises';
import type pg from 'pg';
import {UserError} from '../core/errors.ts';
import type {Pg} from '../io/pg.ts';
import {isPooled} from '../io/pg-session.ts';
import {pgName} from '../io/targets.ts';

/** Keeps two desks off one database, where they would overwrite each other's positions. */
type DeskLock = {
  /** Throws a UserError when another desk holds it, and the driver's errors. */
  readonly take: () => Promise<void>;
  readonly close: () => void;
};

// The session of a desk that was just killed may live on for a moment.
const WAIT_MS = 3000;
const RETRY_MS = 1000;

/** Creates the lock: an advisory lock of a session of its own, taken again whenever that session is lost. */
export function createDeskLock({pool, sql, target}: Pg): DeskLock {
  let held: pg.PoolClient | undefined;
  let closed = false;
  const attempt = async (): Promise<boolean> => {
    const client = await pool.connect();
    if (isPooled(client)) {
      client.release();
      throw new UserError(
        `${pgName(target)} is a pooler, which cannot keep the lock of a desk.`,
        'Connect to PostgreSQL directly.',
      );
    }
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
      void retake();
    });
    return true;
  };
  const retake = async (): Promise<void> => {
    while (!closed && !(await attempt().catch(() => false))) await delay(RETRY_MS, undefined, {ref: false});
  };
  return {
    take: async () => {
      for (const until = performance.now() + WAIT_MS; !(await attempt()); await delay(200)) {
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
