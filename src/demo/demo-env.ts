import type {Env} from '../core/env.ts';

/** The synchroniser's user in a demo's Redis. */
export const SYNC_USER = 'sync';

const CONNECTING = /^(PG|POSTGRES_|TRADING_DB_|PREFECT_|REDIS_|TRADETOP_(CONFIG|ENVIRONMENT)$)/;

/** The environment without the variables that locate servers: the user's own must not reach into a demo. */
export const connectionless = (env: Env): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !CONNECTING.test(name)));
