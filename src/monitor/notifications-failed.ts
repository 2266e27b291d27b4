import type {Raw} from '../io/io.ts';
import {decode, instant, maybeText, number, type RowOf, rowSchema, text} from './columns.ts';
import type {Poller} from './poller.ts';
import {statementPoller} from './statement-poller.ts';

const SQL = 'monitor/notifications_failed';

const row = rowSchema({
  channel: text,
  /** In the last hour. */
  failed: number,
  /** Not sent for over a minute. */
  waiting: number,
  last_failed_at: instant,
  last_error: maybeText,
});

/** The notifications of one channel in the last hour. */
export type NotificationsFailedRow = RowOf<typeof notificationsFailedRows>;

const notificationsFailedRows = (raws: readonly Raw[]) => decode(row, raws, SQL);

/** The notifications that were not sent. */
export const notificationsFailedPoller: Poller<{notifications_failed: NotificationsFailedRow}> = statementPoller({
  everyMs: 10_000,
  samples: {
    notifications_failed: {sql: SQL, rows: notificationsFailedRows},
  },
});
