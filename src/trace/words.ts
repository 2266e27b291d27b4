import {plural} from '../core/format.ts';
import {isoMicros, type Micros} from '../core/time.ts';
import type {Trace, TraceStep} from './step.ts';
import {namesOf} from './trace.ts';

/** What a trace comes to, in a sentence: `Missing: ledger.`, or that nothing is. */
export function verdictOf(trace: Trace): string {
  const [missing, late, waiting, denied] = (['missing', 'late', 'waiting', 'denied'] as const).map(state =>
    namesOf(trace, state).join(', '),
  );
  const parts = [
    missing === '' ? [] : [`Missing: ${missing}.`],
    late === '' ? [] : [`Late: ${late}.`],
    waiting === '' ? [] : [`Not there yet: ${waiting}.`],
    denied === '' ? [] : [`Denied: ${denied}.`],
  ].flat();
  return parts.length === 0 ? `Whole: ${plural(trace.steps.length, 'step')}, none missing or late.` : parts.join(' ');
}

/** Whether a life is whole: every step is known, and came in time or may still come. */
export const isWhole = (trace: Trace): boolean => namesOf(trace, 'missing', 'late', 'denied').length === 0;

/** A trace as `--json` gives it: times in ISO 8601, lags in milliseconds; null: not known. */
export const traceJson = (trace: Trace): string =>
  JSON.stringify(
    {
      id: trace.id,
      at: isoMicros(trace.at),
      whole: isWhole(trace),
      missing: namesOf(trace, 'missing'),
      late: namesOf(trace, 'late'),
      waiting: namesOf(trace, 'waiting'),
      denied: namesOf(trace, 'denied'),
      steps: trace.steps.map(({step, state, of, at, lagMs, text}) => ({
        step,
        state,
        of,
        at: timeOf(at),
        lag_ms: lagMs ?? null,
        text,
      })),
    },
    null,
    2,
  );

const timeOf = (at: Micros | undefined): string | null => (at === undefined ? null : isoMicros(at));

/** The day and time of a step in UTC, to the millisecond; empty: not known. */
export const timeText = ({at}: TraceStep): string =>
  at === undefined ? '' : isoMicros(at).slice(0, 23).replace('T', ' ');
