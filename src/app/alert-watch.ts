import type {Config} from '../config/config.ts';
import {roleTarget} from '../config/role-target.ts';
import type {Log} from '../io/log.ts';
import type {PgTarget} from '../io/targets.ts';
import type {State} from '../model/state.ts';
import {recordAlerts} from './alert-lives.ts';
import {openLive} from './live.ts';

/** How often a service judges its alerts, in milliseconds. */
const EVERY_MS = 10_000;

/** The alerts of a service without a screen. */
export type WatchedAlerts = {
  /** The State as its alerts were judged last, with what could not be read. */
  readonly now: () => State;
  readonly close: () => Promise<void>;
};

export type AlertWatchOptions = {
  /** How the sources are read. Default: as all else. */
  readonly reads?: PgTarget | undefined;
  /** How often alerts are judged, in milliseconds. Default: ten seconds. */
  readonly everyMs?: number | undefined;
};

/**
 * Reads the sources of the alerts, judges them and records their lives, as svc_notification where its password is known,
 * until it is closed. Throws a UserError as `openLive` does.
 */
export async function watchAlertsOf(
  config: Config,
  name: string,
  log: Log,
  {reads = config.trading, everyMs = EVERY_MS}: AlertWatchOptions = {},
): Promise<WatchedAlerts> {
  const watching = {...config, trading: reads, refreshMs: everyMs};
  const live = await openLive(watching, {name, wait: true, log, mayDraw: () => false});
  live.start();
  live.show([]);
  let state = live.store.now();
  const timer = setInterval(() => {
    state = live.store.now();
  }, everyMs);
  timer.unref();
  const trading = roleTarget(config.trading, 'svc_notification', process.env);
  const stopRecording = recordAlerts({trading, readOnly: false}, name, () => state, log);
  return {
    now: () => state,
    close: async () => {
      clearInterval(timer);
      await stopRecording();
      await live.close();
    },
  };
}
