import {LOGIN_ROLES} from '../../config/variables.ts';
import {secret} from '../../core/secret.ts';
import {parseRedisUrl} from '../../io/redis-url.ts';
import {inDatabase, type PgTarget} from '../../io/targets.ts';
import type {PostgresServer} from '../postgres.ts';
import type {RedisServer} from '../redis.ts';
import type {RunningService} from '../service.ts';
import {type IncidentScene, runStatements} from './incident.ts';

/** The scene of a demo's incidents. `env`: the variables that its services connect with, passwords included. */
export function sceneOf(
  {postgres, redis}: {readonly postgres: PostgresServer; readonly redis: RedisServer},
  env: Readonly<Record<string, string>>,
  {feed, sync}: {readonly feed: RunningService; readonly sync: RunningService},
): IncidentScene {
  const {host, port, user, password} = postgres;
  const database = env.TRADING_DB_NAME ?? '';
  const admin: PgTarget = {host, port, user, password: secret(password), database, ssl: 'disable'};
  return {
    admin,
    prefect: inDatabase(admin, env.PREFECT_DB_NAME ?? ''),
    as: role => ({...admin, user: role, password: secret(env[LOGIN_ROLES[role] ?? ''])}),
    redis: parseRedisUrl(redis.url),
    feed,
    sync,
  };
}

/** Gives the operator what it needs to end every incident that an operator can end, and what set-up gives to nobody. */
export const letOperatorEnd = (admin: PgTarget): Promise<void> =>
  runStatements(admin, 'tradetop demo', 'demo/operator_replication');
