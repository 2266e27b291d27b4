import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';

/** The steps of a life, in the order in which they happen. */
export type StepName =
  | 'signal'
  | 'order'
  | 'execution log'
  | 'fill'
  | 'event'
  | 'ledger'
  | 'portfolio'
  | 'metrics'
  | 'restatement'
  | 'quarantine'
  | 'risk'
  | 'notification'
  | 'log'
  | 'audit';

/**
 * What is known of a step. `late`: it came, after longer than the limit. `waiting`: it may still come within the limit.
 * `denied`: its table may not be read. `none`: it does not belong to this life.
 */
export type StepState = 'done' | 'late' | 'missing' | 'waiting' | 'denied' | 'none';

export type TraceStep = {
  readonly step: StepName;
  readonly state: StepState;
  /** Whose step it is: the id of the signal, order, trade, log line or record. */
  readonly of: SafeText;
  /** When it happened, by the server's clock; undefined: it did not, or that is not recorded. */
  readonly at: Micros | undefined;
  /** Milliseconds since the step that it came of; less than 0: it came before. Undefined: not known. */
  readonly lagMs: number | undefined;
  readonly text: SafeText;
};

/** A life from the signal to the books, with what is missing. */
export type Trace = {
  readonly id: SafeText;
  readonly at: Micros;
  /** In order of time; a step without a time follows the one that it comes of. */
  readonly steps: readonly TraceStep[];
};

/** Steps in order, each with the time that it is sorted by. */
export type Placed = TraceStep & {readonly place: Micros};
