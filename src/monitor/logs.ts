import type {z} from 'zod';
import {instant, key, maybeKey, maybeText, number, rowSchema, text} from './columns.ts';
import type {Poller} from './poller.ts';
import {statementPoller} from './statement-poller.ts';

const LOGS = 'monitor/logs';
const COUNTS = 'monitor/log_counts';
const NOTIFICATIONS = 'monitor/notifications';

const line = rowSchema({
  id: key,
  at: instant,
  service: text,
  level: text,
  event_type: maybeText,
  message: text,
  correlation_id: maybeKey,
  context: maybeText,
});
const counts = rowSchema({
  service: text,
  level: text,
  /** Of the last ten minutes. */
  lines: number,
  /** Of an error or a critical line: of the last five minutes, the last one, and the hour that ended ten minutes ago. */
  last_minutes: number,
  last_minute: number,
  hour_before: number,
  last_at: instant,
  /** That line's id and text. */
  last_id: maybeKey,
  last_message: maybeText,
});
const notification = rowSchema({
  id: key,
  created_at: instant,
  channel: text,
  /** The name of its configuration. */
  config: maybeText,
  event_type: text,
  severity: text,
  subject: text,
  status: text,
  attempts: number,
  error: maybeText,
  correlation_id: maybeKey,
});

/** A log line of a service. */
export type LogRow = z.output<typeof line>;

/** The log lines of a service and level. */
export type LogCountsRow = z.output<typeof counts>;

/** A notification that failed or waits. */
export type NotificationRow = z.output<typeof notification>;

/** The last log lines. */
export const logsPoller: Poller<{logs: LogRow}> = statementPoller({
  everyMs: 2000,
  samples: {
    logs: {sql: LOGS, row: line},
  },
});

/** Log lines by service and level, and the notifications that were not sent. */
export const logCountsPoller: Poller<{log_counts: LogCountsRow; notifications: NotificationRow}> = statementPoller({
  everyMs: 10_000,
  samples: {
    log_counts: {sql: COUNTS, row: counts},
    notifications: {sql: NOTIFICATIONS, row: notification},
  },
});
