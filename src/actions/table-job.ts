import type {SafeText} from '../core/sanitise.ts';
import type {TableInfo} from './tables.ts';

/** One table's statement, and which of its counters it must move to count as done. */
export type Job = {
  readonly table: TableInfo;
  /** As shown: `execution.trades`. */
  readonly name: SafeText;
  /** Sent before the statement where it needs another role. */
  readonly setRole: string | undefined;
  readonly statement: string;
  readonly vacuums: boolean;
  readonly analyzes: boolean;
};

/** What became of one table. `held`: vacuumed, but an older snapshot kept most of its dead rows; `half`: one of two steps. */
export type JobResult = {
  readonly name: SafeText;
  readonly status: 'done' | 'held' | 'half' | 'skipped' | 'failed' | 'cancelled' | 'lost';
  readonly reason: string;
  readonly removed: number | undefined;
  readonly dead: number;
};
