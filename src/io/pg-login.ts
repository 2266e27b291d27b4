import type pg from 'pg';
import {failureOf} from '../core/errors.ts';

/** So long a refused login counts for all that ask for a connection, in milliseconds. */
const REFUSED_MS = 500;

/**
 * Borrows connections of a pool. Each refused login writes a line to the server's log: what asks within half a second of a
 * refusal gets that one. Rejects with the driver's error.
 */
export function createLogin(pool: pg.Pool): () => Promise<pg.PoolClient> {
  let refused: {readonly error: unknown; readonly until: number} | undefined;
  return async () => {
    if (refused !== undefined && performance.now() < refused.until) throw refused.error;
    try {
      return await pool.connect();
    } catch (error) {
      const isRefusal = failureOf(error).sqlstate?.startsWith('28');
      refused = isRefusal ? {error, until: performance.now() + REFUSED_MS} : undefined;
      throw error;
    }
  };
}
