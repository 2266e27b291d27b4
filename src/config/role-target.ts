import type {Env} from '../core/env.ts';
import {secret} from '../core/secret.ts';
import {asUser, type PgTarget} from '../io/targets.ts';
import {LOGIN_ROLES} from './variables.ts';

/** The target by one of the set-up's roles where the environment has that role's password, else by the configured user. */
export function roleTarget(target: PgTarget, role: string, env: Env): PgTarget {
  const password = env[LOGIN_ROLES[role] as string];
  return password ? asUser(target, role, secret(password)) : target;
}
