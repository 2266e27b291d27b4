import {sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {Alert, AlertLimits, SourceId} from '../model/state.ts';
import {type Causes, withFading} from './fading.ts';
import * as ruleFiles from './index.ts';
import {judgeBy} from './limits.ts';
import {type EndedMarks, endedMarks, withMarks} from './marks.ts';
import {inOrder} from './order.ts';
import type {AlertFinding, AlertRule, Seen} from './rule.ts';
import {isRead, isUnread, unreadSince} from './sources-read.ts';

/** The most alerts that are kept: with more, one thing is wrong. */
export const ALERTS_KEPT = 200;

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
  /** The acknowledgements that ended with their alerts. */
  readonly ended: EndedMarks;
  /** What caused the effects that stand, or stood until just now. */
  readonly causes: Causes;
};

/** Before the first judgement. */
export const NOTHING_WATCHED: AlertWatch = {
  alerts: [],
  unread: [],
  pending: new Map(),
  counts: new Map(),
  ended: new Map(),
  causes: new Map(),
};

export type JudgeOptions = {
  /** Default: every rule. */
  readonly rules?: readonly AlertRule[];
  /** The State is the only one: nothing waits until it has lasted long enough. */
  readonly once?: boolean;
};

/** What one judgement gathers. */
type Gathered = {
  readonly alerts: Alert[];
  readonly ids: Set<string>;
  readonly pending: Map<string, Micros>;
  readonly counts: Map<string, number>;
  /** The alerts that say why a source cannot be read. */
  readonly hidden: Map<SourceId, string>;
  /** When those began that are new, where the finding says so. */
  readonly began: Map<string, Micros>;
};

/**
 * Everything that is wrong: the worst first, causes before their effects, then the oldest. An alert keeps its start while
 * its text changes. It begins when it has lasted as long as its rule says, and ends when its rule was asked and does not
 * find it any more: while a source cannot be read what was found in it stands, as unknown. Until the thresholds of the
 * database were asked for, only the rules that judge the sources themselves are asked.
 */
export function watchAlerts(
  state: Seen,
  before: AlertWatch = NOTHING_WATCHED,
  {rules = ALERT_RULES, once = false}: JudgeOptions = {},
): AlertWatch {
  const known = new Map(before.alerts.map(alert => [alert.id, alert]));
  const gathered: Gathered = {
    alerts: [],
    ids: new Set(),
    pending: new Map(),
    counts: new Map(before.counts),
    hidden: new Map(),
    began: new Map(),
  };
  const {byRule} = state.limits;
  const asked = rules.filter(({id}) => byRule.get(id)?.off !== true);
  const early = state.samples.alert_limits.state === 'waiting';
  for (const rule of asked) {
    const missing: readonly SourceId[] =
      early && rule.needs.length > 0 ? ['alert_limits'] : rule.needs.filter(id => !isRead(state, id));
    if (missing.length > 0) {
      const standing = before.alerts.filter(alert => alert.rule === rule.id);
      gathered.alerts.push(...standing.map(alert => unknown(alert, missing, state)));
      continue;
    }
    const limits = {...rule.limits, ...byRule.get(rule.id)};
    for (const finding of rule.find(state, limits)) {
      const id = finding.subject === undefined ? rule.id : `${rule.id}:${finding.subject}`;
      const firstSeen = once ? Number.NEGATIVE_INFINITY : (before.pending.get(id) ?? state.at);
      gather(gathered, {rule, finding, limits, id, old: known.get(id), firstSeen, now: state.at});
    }
  }
  const {alerts, hidden, pending, counts, began} = gathered;
  const caused = alerts.map(alert => (alert.unknownSince === undefined ? alert : becauseOf(alert, asked, hidden)));
  const {causes, fading} = withFading(caused, before.causes, state.at);
  const ended = endedMarks(state, before, caused, began);
  const needed = new Set(asked.flatMap(rule => rule.needs));
  return {
    alerts: inOrder(withMarks(fading, state, ended)).slice(0, ALERTS_KEPT),
    unread: [...needed].filter(id => isUnread(state, id)),
    pending,
    counts: new Map([...counts].slice(-MOST_COUNTED)),
    ended,
    causes,
  };
}

type Judged = {
  readonly rule: AlertRule;
  readonly finding: AlertFinding;
  readonly limits: AlertLimits;
  readonly id: string;
  readonly old: Alert | undefined;
  /** When it was first found, where the finding does not say. */
  readonly firstSeen: Micros;
  readonly now: Micros;
};

/** Takes in one finding: as an alert, as one that waits for its time, or not at all. */
function gather(to: Gathered, {rule, finding, limits, id, old, firstSeen, now}: Judged): void {
  const severity = finding.severity ?? judgeBy(finding.value, limits, old?.severity);
  if (severity === 'ok' || to.ids.has(id)) return;
  to.ids.add(id);
  const first = Math.min(finding.since ?? firstSeen, now);
  const waits = now - first < (limits.forSeconds ?? 0) * 1e6 || now - firstSeen < (finding.forSeconds ?? 0) * 1e6;
  if (old === undefined && firstSeen !== Number.NEGATIVE_INFINITY && waits) {
    to.pending.set(id, Math.min(firstSeen, now));
    return;
  }
  if (old === undefined) {
    to.counts.set(id, (to.counts.get(id) ?? 0) + 1);
    if (finding.since !== undefined) to.began.set(id, finding.since);
  }
  for (const source of finding.hides ?? []) to.hidden.set(source, id);
  to.alerts.push({
    ...described(rule, finding),
    id,
    severity,
    since: old?.since ?? (Number.isFinite(first) ? first : now),
    lastSeen: now,
    count: to.counts.get(id) ?? 1,
  });
}

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
  acknowledged: undefined,
  mutedUntil: undefined,
  mutedBy: undefined,
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
