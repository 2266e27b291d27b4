import {ALERT_RULES, ALERTS_KEPT} from '../alerts/alerts.ts';
import {isRead} from '../alerts/sources-read.ts';
import type {Micros} from '../core/time.ts';
import type {Alert, State} from '../model/state.ts';

/** The alerts at one time, and what is known of those that are not among them. */
export type AlertView = {
  readonly at: Micros;
  readonly alerts: readonly Alert[];
  /** There are as many as are kept: one that is missing may only have found no place. */
  readonly full: boolean;
  /**
   * Whether an alert of this rule that is not among them has ended: the rule's sources are read. `seen`: this process
   * has found the alert before; else it may still be waiting for it to have lasted.
   */
  readonly asked: (rule: string, seen: boolean) => boolean;
};

/** So long a process that was just started may take to find again what stands, in microseconds. */
const SETTLE: Micros = 60_000_000;

/** The alerts of a State. `startedAt`: when this process began to watch; undefined: nothing is waited for. */
export function alertViewOf(state: State, startedAt?: Micros): AlertView {
  const rules = new Map(ALERT_RULES.map(rule => [rule.id, rule]));
  const watched = startedAt === undefined ? Number.POSITIVE_INFINITY : state.at - startedAt;
  return {
    at: state.at,
    alerts: state.alerts,
    full: state.alerts.length >= ALERTS_KEPT,
    asked: (id, seen) => {
      const rule = rules.get(id);
      if (rule?.needs.some(source => !isRead(state, source))) return false;
      const lasts = state.limits.byRule.get(id)?.forSeconds ?? rule?.limits?.forSeconds ?? 0;
      return seen || watched >= SETTLE + lasts * 1e6;
    },
  };
}
