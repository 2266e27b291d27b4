import {clock} from '../core/time.ts';
import type {Alert} from '../model/state.ts';

/** The alerts that want attention, which the header counts and the bar shows: no effects of others, and none that is muted. */
export const wantingAttention = (alerts: readonly Alert[]): readonly Alert[] =>
  alerts.filter(alert => alert.causedBy === undefined && alert.mutedUntil === undefined);

/** An alert's text, since when nobody knows whether it is still so, and who has taken it on. */
export function alertText({
  text,
  unknownSince,
  acknowledged,
}: Pick<Alert, 'text' | 'unknownSince' | 'acknowledged'>): string {
  const unknown = unknownSince === undefined ? '' : ` (unknown since ${clock(unknownSince)}Z)`;
  const taken = acknowledged === undefined ? '' : ` (taken on by ${acknowledged.by ?? 'someone'})`;
  return `${text}${unknown}${taken}`;
}
