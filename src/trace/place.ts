import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {Part} from './facts.ts';
import type {Placed, StepName, StepState} from './step.ts';

/** What lateness is judged by: the server's time, and the longest that a step may take. */
export type Limit = {readonly now: Micros; readonly lateMs: number};

type Given = {
  readonly of: SafeText;
  readonly text: string;
  readonly at?: Micros | undefined;
  /** When the step happened that this one comes of. */
  readonly since?: Micros | undefined;
};

/** A step that happened. With `limit` it is late where it took longer. */
export function done(step: StepName, {of, text, at, since}: Given, limit?: Limit): Placed {
  const lagMs = at === undefined || since === undefined ? undefined : (at - since) / 1000;
  const state = limit !== undefined && lagMs !== undefined && lagMs > limit.lateMs ? 'late' : 'done';
  return {step, state, of, at, lagMs, text: sanitise(text, 500), place: at ?? since ?? 0};
}

/** A step that did not happen: it is missing, or it waits where what it comes of is younger than the limit. */
export function absent(step: StepName, {of, text, since}: Omit<Given, 'at'>, limit?: Limit): Placed {
  const young = limit !== undefined && since !== undefined && limit.now - since < limit.lateMs * 1000;
  return stateless(step, young ? 'waiting' : 'missing', {of, text, since});
}

/** A step that does not belong to this life, and why. */
export const none = (step: StepName, given: Omit<Given, 'at'>): Placed => stateless(step, 'none', given);

/** A step whose table may not be read. */
export const denied = (step: StepName, of: SafeText, {denied: why}: Part<unknown>, since?: Micros): Placed =>
  stateless(step, 'denied', {of, text: why ?? '', since});

const stateless = (step: StepName, state: StepState, {of, text, since}: Omit<Given, 'at'>): Placed => ({
  step,
  state,
  of,
  at: undefined,
  lagMs: undefined,
  text: sanitise(text, 500),
  place: since ?? 0,
});
