import {setTimeout as delay} from 'node:timers/promises';
import type {WatchedAlerts} from '../../app/alert-watch.ts';
import type {Config} from '../../config/config.ts';
import {failureOf} from '../../core/errors.ts';
import {sanitise} from '../../core/sanitise.ts';
import type {Log} from '../../io/log.ts';

/** Between two tries to watch the alerts, in milliseconds. */
const RETRY_MS = 30_000;

/**
 * The alerts' sources, read beside a service, whose work does not depend on them. Tries until a server takes it. `name`: the
 * application name of its connections; `everyMs`: how often alerts are judged.
 */
export async function watchedAlerts(config: Config, name: string, log: Log, everyMs?: number): Promise<WatchedAlerts> {
  const {watchAlertsOf} = await import('../../app/alert-watch.ts');
  for (;;) {
    try {
      return await watchAlertsOf(config, name, log, everyMs);
    } catch (error) {
      log.error({error: sanitise(failureOf(error).message, 300)}, 'alerts are not watched');
    }
    await delay(RETRY_MS, undefined, {ref: false});
  }
}
