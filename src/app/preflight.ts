import type {Config} from '../config/config.ts';
import {failureOf, UserError} from '../core/errors.ts';
import type {Pg} from '../io/pg.ts';
import {unusable} from '../io/pg-client.ts';
import {probeRedis, unusableRedis} from '../io/redis-answer.ts';
import {pgName} from '../io/targets.ts';
import {isSetUp} from '../setup/state.ts';

/**
 * Asks each server once before the screen is drawn, and throws a UserError for what only the user can fix: password,
 * database, set-up, an address where nothing listens. With `wait`, a server that does not answer is no error.
 */
export async function preflight(config: Config, trading: Pg, wait: boolean): Promise<void> {
  const [postgres, redis] = await Promise.allSettled([checkPostgres(trading), probeRedis(config.redis)]);
  for (const [checked, known] of [
    [postgres, (error: unknown) => unusable(trading.target, error)],
    [redis, (error: unknown) => unusableRedis(config.redis, error)],
  ] as const) {
    if (checked.status === 'fulfilled') continue;
    const {why} = failureOf(checked.reason);
    const error = known(checked.reason);
    if (why !== 'down' && why !== 'timeout') throw error;
    if (!wait) throw new UserError(error.message, `${error.next} To start without it and wait for it: --wait`.trim());
  }
}

async function checkPostgres(trading: Pg): Promise<void> {
  if (!(await isSetUp(trading))) {
    throw new UserError(`The database ${pgName(trading.target)} is not set up for tradetop.`, 'Run: tradetop setup');
  }
}
