import type pg from 'pg';
import {failureOf} from '../core/errors.ts';
import {quietly} from '../core/quietly.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {type Micros, nowMicros} from '../core/time.ts';
import {readStatement} from '../io/sql.ts';

/** The health of a pool. `waiting`: calls have waited for a connection since the last check. */
export type PoolHealth = {
  readonly pool: string;
  readonly state: 'ok' | 'waiting' | 'down' | 'denied';
  /** Start of the state. */
  readonly since: Micros;
  /** Round trip of the last check, in milliseconds. */
  readonly latencyMs: number | undefined;
  /** Why it is down or denied. */
  readonly error: SafeText | undefined;
  /** A pooler is in between: the pool's limits hold in `withTransaction` alone. */
  readonly pooled: boolean;
};

const ANSWER_MS = 3000;

/**
 * Checks a pool every `everyMs` milliseconds and says when its state changes; the first check is at once. A pool whose calls
 * wait is not asked for one connection more.
 */
export function watchPool(
  {name, pool, pooled}: {readonly name: string; readonly pool: pg.Pool; readonly pooled: () => boolean},
  everyMs: number,
  onHealth: (health: PoolHealth) => void,
): {readonly now: () => PoolHealth; readonly close: () => void} {
  const text = readStatement('service/ping');
  let health: PoolHealth = {
    pool: name,
    state: 'ok',
    since: nowMicros(),
    latencyMs: undefined,
    error: undefined,
    pooled: false,
  };
  let [told, busy, waited] = [false, false, false];
  const become = (state: PoolHealth['state'], more: Partial<PoolHealth>): void => {
    const changed = state !== health.state || !told;
    const since = state === health.state ? health.since : nowMicros();
    health = {...health, error: undefined, ...more, state, since, pooled: pooled()};
    told = true;
    if (!changed) return;
    quietly(() => onHealth(health));
  };
  const check = async (): Promise<void> => {
    if (pool.waitingCount > 0) {
      if (waited) become('waiting', {});
      waited = true;
      return;
    }
    waited = false;
    if (busy) return;
    busy = true;
    const start = performance.now();
    try {
      await pool.query({text, query_timeout: ANSWER_MS} as pg.QueryConfig);
      become('ok', {latencyMs: performance.now() - start});
    } catch (error) {
      const {why, message} = failureOf(error);
      become(why === 'denied' ? 'denied' : 'down', {latencyMs: undefined, error: sanitise(message, 300)});
    } finally {
      busy = false;
    }
  };
  const timer = setInterval(() => void check(), everyMs).unref();
  void check();
  return {now: () => health, close: () => clearInterval(timer)};
}
