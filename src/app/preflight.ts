import type {Config} from '../config/config.ts';
import {failureOf, UserError} from '../core/errors.ts';
import {redisName} from '../core/redis-url.ts';
import {sanitise} from '../core/sanitise.ts';
import {type Pg, pgName, unusable} from '../io/pg.ts';
import {probeRedis} from '../io/redis-probe.ts';

/**
 * Asks each server once before the screen is drawn, and throws a UserError for what only the user can fix: password,
 * database, set-up, an address where nothing listens. With `wait`, a server that does not answer is no error.
 */
export async function preflight(config: Config, trading: Pg, wait: boolean): Promise<void> {
  const [postgres, redis] = await Promise.allSettled([checkPostgres(trading), probeRedis(config.redis)]);
  for (const [checked, known] of [
    [postgres, (error: unknown) => unusable(trading.target, error)],
    [redis, (error: unknown) => unusableRedis(config, error)],
  ] as const) {
    if (checked.status === 'fulfilled') continue;
    const {why} = failureOf(checked.reason);
    const error = known(checked.reason);
    if (why !== 'down' && why !== 'timeout') throw error;
    if (!wait) throw new UserError(error.message, `${error.next} To start without it and wait for it: --wait`.trim());
  }
}

async function checkPostgres(trading: Pg): Promise<void> {
  const [row] = await trading.query('setup/state');
  if (row?.set_up !== true) {
    throw new UserError(`The database ${pgName(trading.target)} is not set up for tradetop.`, 'Run: tradetop setup');
  }
}

/** Says in one sentence why Redis cannot be used, and what to do next. */
export function unusableRedis({redis}: Config, error: unknown): UserError {
  if (error instanceof UserError) return error;
  const failure = failureOf(error);
  const what = failure.why === 'down' || failure.why === 'timeout' ? 'does not answer' : 'refuses us';
  return new UserError(
    `Redis at ${sanitise(redisName(redis))} ${what}: ${sanitise(failure.message)}.`,
    failure.next || 'Check REDIS_URL, or REDIS_HOST and REDIS_PORT.',
  );
}
