import {sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {Alert, SourceId} from '../model/state.ts';
import * as ruleFiles from './index.ts';
import {type AlertLimits, judgeBy} from './limits.ts';
import {inOrder} from './order.ts';
import type {AlertFinding, AlertRule, Seen} from './rule.ts';
import {isRead, isUnread, unreadSince} from './sources-read.ts';

/** The most alerts that are kept: with more, one thing is wrong. */
const MOST = 200;

/** The most alerts whose beginnings are counted. */
const MOST_COUNTED = 1000;

/** Every rule. An alert's id is its rule's, or `RULE:SUBJECT`. */
export const ALERT_RULES: readonly AlertRule[] = Object.values(ruleFiles).flat();

/** What is known of the alerts: those that stand, those that wait for their time, and the sources that are not read. */
export type AlertWatch = {
  readonly alerts: readonly Alert[];
  readonly unread: readonly SourceId[];
  /** Since when a finding that is not yet an alert has been found, by the alert's id. */
  readonly pending: ReadonlyMap<string, Micros>;
  /** How often each alert has begun. */
  readonly counts: ReadonlyMap<string, number>;
};

/** Before the first judgement. */
export const NOTHING_WATCHED: AlertWatch = {alerts: [], unread: [], pending: new Map(), counts: new Map()};

/**
 * Everything that is wrong: the worst first, causes before their effects, then the oldest. An alert keeps its start while
 * its text changes. It begins when it has lasted as long as its rule says, and ends when its rule was asked and does not
 * find it any more: while a source cannot be read what was found in it stands, as unknown.
 */
export function watchAlerts(
  state: Seen,
  before: AlertWatch = NOTHING_WATCHED,
  rules: readonly AlertRule[] = ALERT_RULES,
): AlertWatch {
  const known = new Map(before.alerts.map(alert => [alert.id, alert]));
  const pending = new Map<string, Micros>();
  const counts = new Map(before.counts);
  const hidden = new Map<SourceId, string>();
  const alerts: Alert[] = [];
  const counted = new Set<string>();
  for (const rule of rules) {
    const missing = rule.needs.filter(id => !isRead(state, id));
    if (missing.length > 0) {
      alerts.push(
        ...before.alerts.filter(alert => alert.rule === rule.id).map(alert => unknown(alert, missing, state)),
      );
      continue;
    }
    const limits = rule.limits ?? {};
    for (const finding of rule.find(state, limits)) {
      const id = finding.subject === undefined ? rule.id : `${rule.id}:${finding.subject}`;
      const old = known.get(id);
      const severity = finding.severity ?? judgeBy(finding.value, limits, old?.severity);
      if (severity === 'ok' || counted.has(id)) continue;
      counted.add(id);
      const first = Math.min(finding.since ?? before.pending.get(id) ?? state.at, state.at);
      if (old === undefined && !lasted(first, limits, state.at)) {
        pending.set(id, first);
        continue;
      }
      if (old === undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
      for (const source of finding.hides ?? []) hidden.set(source, id);
      alerts.push({
        ...described(rule, finding),
        id,
        severity,
        since: old?.since ?? first,
        lastSeen: state.at,
        count: counts.get(id) ?? 1,
      });
    }
  }
  const caused = alerts.map(alert => (alert.unknownSince === undefined ? alert : becauseOf(alert, rules, hidden)));
  const needed = new Set(rules.flatMap(rule => rule.needs));
  return {
    alerts: inOrder(caused).slice(0, MOST),
    unread: [...needed].filter(id => isUnread(state, id)),
    pending,
    counts: new Map([...counts].slice(-MOST_COUNTED)),
  };
}

const lasted = (first: Micros, {forSeconds = 0}: AlertLimits, now: Micros): boolean => now - first >= forSeconds * 1e6;

/** What a finding says, safe to show. */
const described = ({id, owner, todo}: AlertRule, finding: AlertFinding) => ({
  rule: id,
  subject: finding.subject === undefined ? undefined : sanitise(finding.subject, 120),
  text: sanitise(finding.text, 300),
  cause: finding.cause === undefined ? undefined : sanitise(finding.cause, 200),
  owner,
  todo: sanitise(finding.todo ?? todo, 300),
  row: finding.row,
  causedBy: finding.causedBy,
  unknownSince: undefined,
});

const unknown = (alert: Alert, missing: readonly SourceId[], state: Seen): Alert => ({
  ...alert,
  unknownSince: alert.unknownSince ?? Math.max(alert.lastSeen, unreadSince(state, missing)),
});

/** An alert whose sources cannot be read is an effect of the alert that says why. */
function becauseOf(alert: Alert, rules: readonly AlertRule[], hidden: ReadonlyMap<SourceId, string>): Alert {
  const needs = rules.find(rule => rule.id === alert.rule)?.needs ?? [];
  const cause = needs.map(id => hidden.get(id)).find(id => id !== undefined && id !== alert.id);
  return cause === undefined ? alert : {...alert, causedBy: cause};
}
