import type {Failure} from '../core/errors.ts';
import type {Micros} from '../core/time.ts';

/** The outcome of one poll. Failure is a value: a reading without rows says why there are none. */
export type Sample<Row> =
  | {
      readonly ok: true;
      readonly at: Micros;
      readonly ms: number;
      readonly rows: readonly Row[];
      /** The present interval between two polls, in milliseconds; rows three times as old are stale. */
      readonly everyMs?: number | undefined;
    }
  | {
      readonly ok: false;
      readonly at: Micros;
      readonly ms: number;
      readonly failure: Failure;
      readonly retryAt: Micros | undefined;
    };

/** What the console holds of a source: the last good rows, and what has happened since. */
export type Held<Row> = {
  /** `waiting`: no reading yet. `stale`: good rows, older than three intervals. The others as in `snapshot --json`. */
  readonly state: 'waiting' | 'ok' | 'empty' | 'stale' | 'down' | 'denied' | 'unsupported';
  /** When the rows were read. */
  readonly at: Micros | undefined;
  readonly rows: readonly Row[];
  /** Duration of the last good reading, in milliseconds. */
  readonly ms: number;
  readonly failure: Failure | undefined;
  /** Start of the present run of failures. */
  readonly failingSince: Micros | undefined;
  readonly retryAt: Micros | undefined;
  /** When the rows become stale, unless new ones arrive. */
  readonly staleAt?: Micros | undefined;
  /** Nobody needed it since then: the rows may be old until the next reading. */
  readonly asleep?: boolean;
  /** The last failure, even when it is over. */
  readonly lastFailure?: {readonly at: Micros; readonly failure: Failure} | undefined;
};
