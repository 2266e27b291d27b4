import type {Severity} from '../core/severity.ts';
import type {IngestionRow} from '../monitor/ingestion.ts';
import {hasHeard, PRICES, silenceOf} from './channels.ts';
import {judge, LIMITS} from './limits.ts';
import type {Seen} from './rule.ts';

/** How an ingestion does with a symbol, in a word: what it says itself, or that it says nothing any more. */
export const ingestionState = (row: IngestionRow): string => (isSilent(row) ? 'silent' : row.state);

/** Whether the ingestion has stopped to say how it does: its word no longer counts. */
export const isSilent = ({silentSeconds, state}: IngestionRow): boolean =>
  state !== 'paused' && silentSeconds > LIMITS.silentIngestion;

/** The age of the last bar that a source brought, in times of the interval that it promises; undefined: it brought none. */
export const overdueTimes = ({barSeconds, expectedSeconds}: IngestionRow): number | undefined =>
  barSeconds === undefined ? undefined : Math.max(0, barSeconds) / expectedSeconds;

/** How badly a source does with a symbol. */
export const ingestionSeverity = (row: IngestionRow): Severity => {
  if (row.state === 'paused') return 'ok';
  if (row.state === 'error') return 'crit';
  return isSilent(row) ? 'warn' : judge(overdueTimes(row) ?? 0, LIMITS.lateBar);
};

/**
 * Why prices are old, as the id of an alert: their channel is silent. Who has not heard it before cannot know that: then it is
 * a source of which nothing is said any more.
 */
export function pricesMissing(state: Pick<Seen, 'bus' | 'samples'>): string {
  const silent = state.samples.ingestion.rows.find(isSilent);
  return hasHeard(state, PRICES) || silent === undefined ? silenceOf(PRICES) : `ingestion_silent:${silent.source}`;
}
