import {createHash} from 'node:crypto';
import {keyText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {Alert} from '../model/state.ts';
import type {AlertView} from './alert-view.ts';

/** What happened to an alert: it began, became critical, or ended. */
type EdgeKind = 'fired' | 'worse' | 'cleared';

/** One change of an alert that a receiver is told of. Its texts are safe to show. */
export type Edge = {
  readonly kind: EdgeKind;
  /** The alert's id, as `alertKey` gives it. */
  readonly alert: string;
  readonly severity: Alert['severity'];
  readonly owner: string;
  readonly text: string;
  readonly cause?: string | undefined;
  readonly todo?: string | undefined;
  /** When the alert began. */
  readonly since: Micros;
  /** When it was seen to have changed. */
  readonly at: Micros;
  /** What is to be known of this change itself. */
  readonly note?: string | undefined;
};

/** What a receiver was told of an alert that has not ended since. */
export type Told = {
  /** The worst that it was told. */
  readonly severity: Alert['severity'];
  readonly owner: string;
  readonly text: string;
  readonly since: Micros;
  /** This process has found the alert itself. */
  readonly seen: boolean;
};

const LONGEST_KEY = 300;

/** An alert's id as the database keeps it and messages show it: printable, at most 300 characters, different ids apart. */
export function alertKey(id: string): string {
  const key = keyText(id);
  if (key.length <= LONGEST_KEY) return key;
  return `${key.slice(0, LONGEST_KEY - 20)}…${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
}

/** The rule of an alert, by its id. */
export const ruleOf = (alert: string): string => alert.split(':', 1)[0] ?? '';

/** Nobody is told of an alert that somebody has taken on or muted, of a mere effect, or of one that is not known to stand. */
const isForPeople = ({acknowledged, mutedUntil, causedBy, unknownSince}: Alert): boolean =>
  acknowledged === undefined && mutedUntil === undefined && causedBy === undefined && unknownSince === undefined;

/**
 * What has changed since a receiver was told last: alerts that it `wants` and was not told of, those that have become
 * critical since, and those that have ended. Each end is told whose beginning was, muted or not: it closes what the
 * receiver has open. An alert has ended only where its rule was asked.
 */
export function edgesOf(
  view: AlertView,
  told: ReadonlyMap<string, Told>,
  wants: (alert: Alert) => boolean,
): readonly Edge[] {
  const {at} = view;
  const standing = new Map(view.alerts.map(alert => [alertKey(alert.id), alert]));
  const begun = [...standing].flatMap(([key, alert]): readonly Edge[] => {
    const before = told.get(key);
    const isNew = before === undefined || (before.severity === 'warn' && alert.severity === 'crit');
    if (!isNew || !isForPeople(alert) || !wants(alert)) return [];
    const {severity, owner, text, cause, todo, since} = alert;
    return [{kind: before ? 'worse' : 'fired', alert: key, severity, owner, text, cause, todo, since, at}];
  });
  if (view.full) return begun;
  const ended = [...told]
    .filter(([key, {seen}]) => !standing.has(key) && view.asked(ruleOf(key), seen))
    .map(([key, {severity, owner, text, since, seen}]): Edge => {
      const note = seen ? undefined : 'It was not found any more since the notifier was started again.';
      return {kind: 'cleared', alert: key, severity, owner, text, since, at, note};
    });
  return [...begun, ...ended];
}
