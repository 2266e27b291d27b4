import type {SafeText} from '../core/sanitise.ts';

/** What a session did at each of several moments: how much of its time it spends on what. */
export type WaitProfile = {
  readonly pid: number;
  /** `over`: there are no more samples; `why` says so where there was to be more. */
  readonly phase: 'sampling' | 'over';
  readonly why?: SafeText;
  readonly samples: number;
  /** How many are wanted. */
  readonly wanted: number;
  /** The moments by what it did, the most first: an event that it waited for, `on CPU`, `idle`. */
  readonly waits: readonly {readonly wait: SafeText; readonly samples: number}[];
};
