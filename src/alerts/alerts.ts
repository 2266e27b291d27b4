import {sanitise} from '../core/sanitise.ts';
import type {Alert} from '../model/state.ts';
import * as ruleFiles from './index.ts';
import type {AlertRule, Seen} from './rule.ts';

/** The most alerts that are kept: with more, one thing is wrong. */
const MOST = 50;

/** Every rule. An alert's id is its rule's, or `RULE:SUBJECT`. */
export const ALERT_RULES: readonly AlertRule[] = Object.values(ruleFiles).flat();

/**
 * Everything that is wrong, the worst first, then the oldest. An alert keeps its start time (found in `previous` by its
 * id) while its text changes; it ends with its cause. Stale rows raise no alerts: a source that does not answer raises
 * one alert that says so.
 */
export function alertsOf(state: Seen, previous: readonly Alert[]): readonly Alert[] {
  const known = new Map(previous.map(alert => [alert.id, alert.since]));
  return ALERT_RULES.flatMap(rule => rule.find(state).map(finding => ({...finding, id: idOf(rule, finding.subject)})))
    .map(({id, severity, text, since}) => ({
      id,
      severity,
      text: sanitise(text, 300),
      since: known.get(id) ?? Math.min(since ?? state.at, state.at),
    }))
    .sort((a, b) => weight(b) - weight(a) || a.since - b.since || (a.id < b.id ? -1 : 1))
    .slice(0, MOST);
}

const idOf = ({id}: AlertRule, subject: string | undefined): string =>
  subject === undefined ? id : `${id}:${subject}`;

const weight = ({severity}: Alert): number => (severity === 'crit' ? 1 : 0);
