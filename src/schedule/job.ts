import type {Target} from '../actions/target.ts';
import type {Timetable} from './cron.ts';

/** One thing that a job does: an action through the gate, or a look at the age of the last backup. */
export type Step =
  | {
      readonly kind: 'action';
      readonly actionId: string;
      readonly target: Target;
      readonly flags: Readonly<Record<string, number>>;
    }
  | {readonly kind: 'backup-age'};

/** For how many days the rows of a table are kept, by its name; one that is left out keeps them for ever. */
export type Retention = ReadonlyMap<string, number>;

/** A job as it is built in, with what it has where nothing is set. Minutes are whole. */
export type JobSpec = {
  readonly id: string;
  /** What it does, in a phrase. */
  readonly does: string;
  readonly cron: string;
  /** From when it is due to when a run stops. */
  readonly windowMinutes: number;
  /** A run takes no longer. */
  readonly limitMinutes: number;
  /** It starts up to so much later than it is due. */
  readonly jitterMinutes: number;
  /** `closed`: only while the market is closed, where its hours are known. */
  readonly market: 'any' | 'closed';
  /** What it does, in order; empty: nothing, and it is not scheduled. */
  readonly steps: (retention: Retention) => readonly Step[];
};

/** A job as it is scheduled. */
export type ScheduledJob = Omit<JobSpec, 'steps'> & {
  readonly timezone: string;
  /** A run that has not started so long after it was due was missed. */
  readonly graceMinutes: number;
  readonly steps: readonly Step[];
  readonly times: Timetable;
  /** Where its settings come from: the first that sets any of them. */
  readonly from: 'file' | 'database' | 'default';
};
