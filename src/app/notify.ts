import {hostname} from 'node:os';
import type {Config} from '../config/config.ts';
import {roleTarget} from '../config/role-target.ts';
import type {Env} from '../core/env.ts';
import {UserError} from '../core/errors.ts';
import {nowMicros} from '../core/time.ts';
import type {Log} from '../io/log.ts';
import {openPg, type Pg} from '../io/pg.ts';
import {secretKey} from '../io/secrets.ts';
import {loadSql} from '../io/sql.ts';
import type {State} from '../model/state.ts';
import {alertViewOf} from '../notify/alert-view.ts';
import type {Origin} from '../notify/formats.ts';
import {type Notifier, startNotifier} from '../notify/notifier.ts';
import type {SecretKeys} from '../notify/receivers.ts';
import {NOTIFY_PG} from '../notify/session.ts';
import {alertMasking} from './masked-alerts.ts';

/** How often a notifier's alerts are judged, in milliseconds. */
export const NOTIFY_EVERY_MS = 5000;

/** What every way to notify needs. */
export type NotifyParts = {readonly pg: Pg; readonly keys: SecretKeys; readonly origin: Origin};

/**
 * The notifier's own pool, as svc_notification where its password is known, else as the configured user; the keys of the
 * secrets; and where its messages come from. Who uses them closes the pool.
 */
export const notifyParts = (config: Config, env: Env): NotifyParts => ({
  pg: openPg(roleTarget(config.trading, 'svc_notification', env), loadSql(), {...NOTIFY_PG, writes: true}),
  keys: secretKeysOf(env),
  origin: {environment: config.environment, database: config.trading.database, host: hostname()},
});

/** Both keys, so that the notifier goes on while rotate-secrets changes one for the other. */
function secretKeysOf(env: Env): SecretKeys {
  try {
    const next = env.TRADETOP_NEW_SECRET_KEY;
    const keys = [secretKey(env.TRADETOP_SECRET_KEY), ...(next ? [secretKey(next, 'TRADETOP_NEW_SECRET_KEY')] : [])];
    return {keys, missing: undefined};
  } catch (error) {
    if (error instanceof UserError) return {keys: [], missing: `${error.message} ${error.next}`};
    throw error;
  }
}

/** Starts a notifier on the alerts of a service. `state` gives undefined while nothing is known of them. */
export function startAlertNotifier(config: Config, env: Env, state: () => State | undefined, log: Log): Notifier {
  const startedAt = nowMicros();
  const masked = alertMasking(config);
  const view = () => {
    const now = state();
    return now && alertViewOf(masked(now), startedAt);
  };
  return startNotifier({...notifyParts(config, env), view, log});
}
