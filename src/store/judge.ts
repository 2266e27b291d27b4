import {type AlertWatch, NOTHING_WATCHED, watchAlerts} from '../alerts/alerts.ts';
import {limitsInForce} from '../alerts/settings.ts';
import type {Micros} from '../core/time.ts';
import type {LimitsInForce, SampleId, Samples, State} from '../model/state.ts';
import type {Sample} from '../monitor/sample.ts';
import {createServices} from './services.ts';

/** Longest time between two judgements while no new rows come. */
const EVERY: Micros = 250_000;

/** What the alerts are made of, beside what they make. */
type Unjudged = Omit<State, 'alerts' | 'unread' | 'gone' | 'limits'>;

/**
 * Remembers what the alerts need of earlier States, and makes each State whole. `once`: there will be no later State, so
 * that no alert waits until it has lasted.
 */
export function createJudge({once = false}: {readonly once?: boolean | undefined} = {}) {
  const [services, limitsOf] = [createServices(), createLimits()];
  let watched: AlertWatch = NOTHING_WATCHED;
  let last: Unjudged | undefined;
  const isNew = (seen: Unjudged): boolean =>
    last === undefined ||
    seen.samples !== last.samples ||
    seen.bus.link !== last.bus.link ||
    seen.checks !== last.checks ||
    Math.abs(seen.at - last.at) >= EVERY;
  return {
    /** Takes in a reading, as `samples` hold it. */
    read: (id: SampleId, sample: Sample<unknown>, samples: Samples): void => {
      if (id === 'sessions' && sample.ok) services.read(samples.sessions.rows, sample.at);
    },
    /** The State with its alerts: judged anew where rows came, and otherwise a few times a second. */
    judged: (part: Unjudged): State => {
      const seen = {...part, gone: services.gone(), limits: limitsOf(part)};
      if (isNew(part)) [watched, last] = [watchAlerts(seen, watched, {once}), part];
      return {...seen, alerts: watched.alerts, unread: watched.unread};
    },
  };
}

/** The thresholds that count, made anew where the database's were read anew. */
function createLimits() {
  let rows: Samples['alert_limits']['rows'] | undefined;
  let limits: LimitsInForce | undefined;
  return ({about, samples: {alert_limits: held}}: Pick<Unjudged, 'about' | 'samples'>): LimitsInForce => {
    if (limits === undefined || held.rows !== rows) limits = limitsInForce(about.alerts ?? {}, held.rows);
    rows = held.rows;
    return limits;
  };
}
