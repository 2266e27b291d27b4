import type {Env} from '../core/env.ts';
import {secret} from '../core/secret.ts';
import {asUser, type PgTarget} from '../io/targets.ts';
import {LOGIN_ROLES} from './variables.ts';

/** How a service logs in: as its role svc_NAME where the environment has SVC_NAME_PASSWORD, else as the configured user. */
export function serviceTarget(target: PgTarget, name: string, env: Env): PgTarget {
  const role = `svc_${name}`;
  const password = env[LOGIN_ROLES[role] as string];
  return password ? asUser(target, role, secret(password)) : target;
}
