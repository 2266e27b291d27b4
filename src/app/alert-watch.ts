import type {Config} from '../config/config.ts';
import type {Log} from '../io/log.ts';
import type {Alert, SourceId} from '../model/state.ts';
import {recordAlerts} from './alert-lives.ts';
import {openLive} from './live.ts';

/** How often a service judges its alerts, in milliseconds. */
const EVERY_MS = 10_000;

/** The alerts of a service without a screen. */
export type WatchedAlerts = {
  /** As they were judged last, with what could not be read. */
  readonly now: () => {readonly alerts: readonly Alert[]; readonly unread: readonly SourceId[]};
  readonly close: () => Promise<void>;
};

/**
 * Reads the sources of the alerts every ten seconds, judges them and records their lives, until it is closed. Throws a UserError as
 * `openLive` does.
 */
export async function watchAlertsOf(config: Config, name: string, log: Log): Promise<WatchedAlerts> {
  const live = await openLive({...config, refreshMs: EVERY_MS}, {name, wait: true, log, mayDraw: () => false});
  live.start();
  live.show([]);
  let state = live.store.now();
  const timer = setInterval(() => {
    state = live.store.now();
  }, EVERY_MS);
  timer.unref();
  const stopRecording = recordAlerts({...config, readOnly: false}, name, () => state, log);
  return {
    now: () => state,
    close: async () => {
      clearInterval(timer);
      await stopRecording();
      await live.close();
    },
  };
}
