import {z} from 'zod';
import type {Raw} from '../io/io.ts';
import {decode, instant, key, maybeNumber, maybeText, type RowOf, rowSchema} from './columns.ts';
import type {Poller} from './poller.ts';
import {statementPoller} from './statement-poller.ts';

const SQL = 'monitor/maintenance';

const row = rowSchema({
  job: key,
  /** When its next run is due; undefined: no run is planned. */
  next_at: instant,
  start_by: instant,
  /** Since when that run should have started; negative: it need not have. */
  late_seconds: maybeNumber,
  /** Since when it runs; undefined: it does not. */
  running_at: instant,
  running_host: maybeText,
  /** The scheduler of the run under way is gone. */
  cut_off: z.boolean(),
  /** When the run under way stops at the latest. */
  stop_at: instant,
  /** When the last run was due that ended or was missed. */
  last_due_at: instant,
  started_at: instant,
  ended_at: instant,
  /** done, partial, cancelled, failed or missed. */
  outcome: maybeText,
  host: maybeText,
  took_seconds: maybeNumber,
  detail: maybeText,
});

/** A job of scheduled maintenance: its next run, the one under way, and the last one. */
export type MaintenanceRow = RowOf<typeof maintenanceRows>;

/** Reads the rows of monitor/maintenance. */
export const maintenanceRows = (raws: readonly Raw[]) => decode(row, raws, SQL);

/** The jobs of scheduled maintenance. */
export const maintenancePoller: Poller<{maintenance: MaintenanceRow}> = statementPoller({
  everyMs: 10_000,
  unseenMs: 30_000,
  samples: {
    maintenance: {sql: SQL, rows: maintenanceRows},
  },
});
