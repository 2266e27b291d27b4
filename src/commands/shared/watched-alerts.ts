import {setTimeout as delay} from 'node:timers/promises';
import type {WatchedAlerts} from '../../app/alert-watch.ts';
import type {Config} from '../../config/config.ts';
import {roleTarget} from '../../config/role-target.ts';
import type {Env} from '../../core/env.ts';
import {failureOf} from '../../core/errors.ts';
import {sanitise} from '../../core/sanitise.ts';
import type {Log} from '../../io/log.ts';

/** Between two tries to watch the alerts, in milliseconds. */
const RETRY_MS = 30_000;

type Watching = {
  readonly config: Config;
  /** Has the password of tradetop_monitor where the sources are read as that role, and not as the configured user. */
  readonly env: Env;
  /** The application name of the connections. */
  readonly name: string;
  readonly log: Log;
  readonly everyMs?: number | undefined;
};

/** The alerts' sources, read beside a service, whose work does not depend on them. Tries until a server takes it. */
export async function watchedAlerts({config, env, name, log, everyMs}: Watching): Promise<WatchedAlerts> {
  const {watchAlertsOf} = await import('../../app/alert-watch.ts');
  const reads = roleTarget(config.trading, 'tradetop_monitor', env);
  for (;;) {
    try {
      return await watchAlertsOf(config, name, log, {reads, everyMs});
    } catch (error) {
      log.error({error: sanitise(failureOf(error).message, 300)}, 'alerts are not watched');
    }
    await delay(RETRY_MS, undefined, {ref: false});
  }
}
