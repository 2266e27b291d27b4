import {sanitise} from '../core/sanitise.ts';
import type {Alert} from '../model/state.ts';
import {busAlerts} from './bus.ts';
import type {Seen} from './finding.ts';
import {serverAlerts} from './server.ts';
import {sessionAlerts} from './sessions.ts';
import {sourceAlerts} from './sources.ts';
import {syncAlerts} from './sync.ts';

/** More are not kept: with so many, one thing is wrong. */
const MOST = 50;

/**
 * Everything that is not well, the worst first, then the oldest. An alert keeps the time since when it has been there
 * (of `previous`, by its id), whatever happens to its words; it goes when its cause is gone. Nothing is concluded from
 * rows that are no longer true: of a source that does not answer, only that is said.
 */
export function alertsOf(state: Seen, previous: readonly Alert[]): readonly Alert[] {
  const known = new Map(previous.map(alert => [alert.id, alert.since]));
  const findings = [
    ...sourceAlerts(state),
    ...busAlerts(state),
    ...serverAlerts(state),
    ...sessionAlerts(state),
    ...syncAlerts(state),
  ];
  return findings
    .map(({id, severity, text, since}) => ({
      id,
      severity,
      text: sanitise(text, 300),
      since: known.get(id) ?? Math.min(since ?? state.at, state.at),
    }))
    .sort((a, b) => weight(b) - weight(a) || a.since - b.since || (a.id < b.id ? -1 : 1))
    .slice(0, MOST);
}

const weight = ({severity}: Alert): number => (severity === 'crit' ? 1 : 0);
