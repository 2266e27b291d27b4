import {clock} from '../core/time.ts';
import type {Alert} from '../model/state.ts';

/** The alerts that want attention, which the header counts and the bar shows: causes, and not their effects. */
export const wantingAttention = (alerts: readonly Alert[]): readonly Alert[] =>
  alerts.filter(alert => alert.causedBy === undefined);

/** An alert's text, and since when nobody knows whether it is still so. */
export const alertText = ({text, unknownSince}: Pick<Alert, 'text' | 'unknownSince'>): string =>
  unknownSince === undefined ? text : `${text} (unknown since ${clock(unknownSince)}Z)`;
