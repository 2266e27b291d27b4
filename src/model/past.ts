import type {Micros} from '../core/time.ts';

/** The past of one number: a value for each span of `everySeconds`, oldest first; undefined: it was not known. */
export type Past = {readonly values: readonly (number | undefined)[]; readonly everySeconds: number};

/** Reads the past of the numbers that panes show. */
export type HistoryReader = {
  /** From its first known value to now; undefined: nothing is known of it. */
  readonly past: (pane: string, key: string, column: string, now: Micros) => Past | undefined;
};
