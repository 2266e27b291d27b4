import {endOfTrace, linesOfLogs, warningsOf} from './around.ts';
import type {TraceFacts} from './facts.ts';
import {stepsOfOrders} from './order-steps.ts';
import type {StepName, StepState, Trace} from './step.ts';
import {stepsOfTrades} from './trade-steps.ts';

/** Default of the longest that a step may take, in milliseconds. */
export const LATE_MS = 10_000;

/**
 * Joins what was read into the life of an id. A step that took longer than `lateMs` milliseconds is late. Undefined: nothing
 * is known of the id.
 */
export function traceOf(facts: TraceFacts, lateMs: number): Trace | undefined {
  const {id, now} = facts;
  const limit = {now, lateMs};
  const found = [...stepsOfOrders(facts, limit), ...stepsOfTrades(facts, limit)];
  const around = [...linesOfLogs(facts), ...warningsOf(facts, limit)];
  const isKnown = [found, around].some(some => some.some(({state}) => state !== 'denied'));
  if (!isKnown) {
    const denied = [...found, ...around];
    return denied.length === 0 ? undefined : {id, at: now, steps: denied};
  }
  const placed = [...found, ...around, ...endOfTrace(facts)];
  const steps = placed.toSorted((a, b) => a.place - b.place).map(({place, ...step}) => step);
  return {id, at: now, steps};
}

/** The names of the steps in some states, each once. */
export const namesOf = ({steps}: Trace, ...states: readonly StepState[]): readonly StepName[] => [
  ...new Set(steps.filter(({state}) => states.includes(state)).map(({step}) => step)),
];
