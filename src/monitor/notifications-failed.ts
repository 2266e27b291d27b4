import type {Raw} from '../io/io.ts';
import {decode, instant, maybeText, number, type RowOf, rowSchema, text} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';

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
export const notificationsFailedPoller: Poller<{notifications_failed: NotificationsFailedRow}> = {
  ids: ['notifications_failed'],
  everyMs: 10_000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL],
  deltas: false,
  reader:
    () =>
    async ({trading}) => ({notifications_failed: notificationsFailedRows(await trading.query(SQL))}),
};
