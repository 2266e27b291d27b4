import {isoMicros, type Micros} from '../core/time.ts';
import type {Alert} from '../model/state.ts';

const iso = (at: Micros | undefined): string | null => (at === undefined ? null : isoMicros(at));

/** An alert as `snapshot --json` and `alerts --json` give it: times are ISO 8601 in UTC. */
export const alertJson = (alert: Alert): Readonly<Record<string, unknown>> => ({
  id: alert.id,
  rule: alert.rule,
  subject: alert.subject ?? null,
  severity: alert.severity,
  text: alert.text,
  cause: alert.cause ?? null,
  since: isoMicros(alert.since),
  last_seen: isoMicros(alert.lastSeen),
  count: alert.count,
  owner: alert.owner,
  todo: alert.todo,
  caused_by: alert.causedBy ?? null,
  unknown_since: iso(alert.unknownSince),
  acknowledged: alert.acknowledged
    ? {
        by: alert.acknowledged.by ?? null,
        at: isoMicros(alert.acknowledged.at),
        note: alert.acknowledged.note ?? null,
      }
    : null,
  muted_until: iso(alert.mutedUntil),
  muted_by: alert.mutedBy ?? null,
  row: alert.row ?? null,
});
