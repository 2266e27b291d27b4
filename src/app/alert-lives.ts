import {hostname} from 'node:os';
import type {Config} from '../config/config.ts';
import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {Io} from '../io/io.ts';
import type {Log} from '../io/log.ts';
import {openPg} from '../io/pg.ts';
import {loadSql} from '../io/sql.ts';
import type {Alert, State} from '../model/state.ts';

/** Time between two records, in milliseconds. A life that nobody has seen for three times as long is over. */
const EVERY_MS = 10_000;

/** After an alert went its life is over within so many milliseconds, and until then its end is sought. */
const ENDING_MS = 40_000;

/** The lives that others left are ended so often, in milliseconds, where there is nothing to record. */
const SWEEP_MS = 60_000;

/** Most alerts that wait to be recorded while the database does not take them. */
const MOST = 500;

/** What is recorded of an alert: the alert as it was, and when it was found last. */
type Seen = {readonly alert: Alert; readonly since: Micros; readonly at: Micros};

/** Keeps the alerts that are seen until they are recorded. */
type AlertLives = {
  /** Records what the State has, and what could not be recorded before. Rejects with the driver's error. */
  readonly record: (state: Pick<State, 'at' | 'alerts'>) => Promise<void>;
};

/**
 * Records the lives of alerts in shared.alert_lives. While nothing can be written, it keeps what it saw: an alert that came and
 * went meanwhile is recorded later. Of more than 500 the warnings go first. `by`: console or service.
 * @internal
 */
export function createAlertLives(io: Pick<Io, 'query'>, by: string): AlertLives {
  let unwritten = new Map<string, Seen>();
  let [endingUntil, sweepAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return {
    record: async ({at, alerts}) => {
      for (const alert of alerts) {
        const since = Math.min(unwritten.get(alert.id)?.since ?? alert.since, alert.since);
        unwritten.set(alert.id, {alert, since, at});
      }
      if (unwritten.size > MOST) unwritten = worstOf(unwritten);
      const writing = [...unwritten.values()];
      if (writing.length > 0) endingUntil = at + ENDING_MS * 1000;
      if (at > endingUntil && at < sweepAt) return;
      await io.query('app/alert_lives', [by, ...columnsOf(writing, at)]);
      sweepAt = at + SWEEP_MS * 1000;
      for (const seen of writing) if (unwritten.get(seen.alert.id) === seen) unwritten.delete(seen.alert.id);
    },
  };
}

/** The worst of them, of equal ones the newest. */
const worstOf = (seen: ReadonlyMap<string, Seen>): Map<string, Seen> =>
  new Map(
    [...seen]
      .toSorted(([, a], [, b]) => a.alert.severity.localeCompare(b.alert.severity) || b.at - a.at)
      .slice(0, MOST),
  );

const columnsOf = (seen: readonly Seen[], now: Micros): readonly unknown[] => [
  seen.map(({alert}) => alert.id.slice(0, 400)),
  seen.map(({alert}) => alert.rule),
  seen.map(({alert}) => alert.subject ?? null),
  seen.map(({alert}) => alert.severity),
  seen.map(({alert}) => alert.text),
  seen.map(({alert}) => alert.cause ?? null),
  seen.map(({alert}) => alert.causedBy ?? null),
  seen.map(({since}) => (now - since) / 1e6),
  seen.map(({at}) => (now - at) / 1e6),
];

/** The server does not let this user write here: it never will. */
const REFUSED = new Set(['42501', '25006']);

/**
 * Records the lives of the alerts every ten seconds, until the function that it gives is called. Where this user may not
 * write, or the console is read-only, it records nothing.
 */
export function recordAlerts(
  {trading, readOnly}: Pick<Config, 'trading' | 'readOnly'>,
  name: string,
  now: () => State,
  log: Pick<Log, 'warn'>,
): () => Promise<void> {
  if (readOnly) return async () => {};
  const pg = openPg(trading, loadSql(), {name, max: 1, lockMs: 2000, repeats: true});
  const lives = createAlertLives(pg, sanitise(`${name} on ${hostname()}`, 100));
  let running = false;
  const timer = setInterval(() => {
    if (running) return;
    running = true;
    lives
      .record(now())
      .catch((error: unknown) => {
        const {message, sqlstate = ''} = failureOf(error);
        log.warn({why: message}, 'the lives of alerts were not recorded');
        if (REFUSED.has(sqlstate)) clearInterval(timer);
      })
      .finally(() => {
        running = false;
      });
  }, EVERY_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await pg.close();
  };
}
