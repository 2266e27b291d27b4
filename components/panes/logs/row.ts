import {levelSeverity} from '../../../src/alerts/log-level.ts';
import type {Severity} from '../../../src/core/severity.ts';
import type {Micros} from '../../../src/core/time.ts';
import type {LogRow, NotificationRow} from '../../../src/monitor/logs.ts';

/** A row of the pane: a log line, or a notification that failed or waits. */
export type LogPaneRow = {
  readonly at: Micros | undefined;
  readonly severity: Severity;
  readonly level: string;
  readonly service: string;
  readonly event: string | undefined;
  readonly text: string;
} & ({readonly kind: 'log'; readonly of: LogRow} | {readonly kind: 'notification'; readonly of: NotificationRow});

/** Log lines and notifications in one list, the newest first. */
export function logPaneRows(logs: readonly LogRow[], notifications: readonly NotificationRow[]): readonly LogPaneRow[] {
  const rows: readonly LogPaneRow[] = [
    ...logs.map(of => ({
      kind: 'log' as const,
      of,
      at: of.at,
      severity: levelSeverity(of.level),
      level: of.level,
      service: of.service,
      event: of.eventType,
      text: of.message,
    })),
    ...notifications.map(of => ({
      kind: 'notification' as const,
      of,
      at: of.createdAt,
      severity: of.status === 'failed' ? ('warn' as const) : ('ok' as const),
      level: of.status,
      service: `notification ${of.config ?? of.channel}`,
      event: of.eventType,
      text: of.error === undefined ? of.subject : `${of.error} · ${of.subject}`,
    })),
  ];
  return rows.toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0));
}
