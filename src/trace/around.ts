import type {TraceFacts} from './facts.ts';
import {absent, denied, done} from './place.ts';
import type {Placed} from './step.ts';

/** The log lines with the correlation ids of a life. */
export function linesOfLogs({id, logs, now}: TraceFacts): readonly Placed[] {
  if (logs.denied !== undefined) return [denied('log', id, logs, now)];
  return logs.rows.map(({id: line, at, service, level, eventType, message}) =>
    done('log', {
      of: line,
      at,
      text: `${level} ${service}${eventType === undefined ? '' : ` ${eventType}`}: ${message}`,
    }),
  );
}

/** What operators did to the trades of a life. A correction or a bust without its record is missing one. */
export function endOfTrace({id, audit, restated, now}: TraceFacts): readonly Placed[] {
  if (audit.denied !== undefined) return [denied('audit', id, audit, now)];
  const recorded = new Set(audit.rows.map(({target}) => target));
  const records = audit.rows.map(({id: of, at, userId, operation, target, result, reason}) => {
    const text = `${userId}: ${operation} ${target ?? ''} ${result ?? ''}${reason === undefined ? '' : `: ${reason}`}`;
    return done('audit', {of, at, text: text.replaceAll('  ', ' ')});
  });
  const acts = restated.rows.filter(
    ({tradeId, cause, reason}) => cause === tradeId && (reason === 'busted' || reason === 'corrected'),
  );
  const unrecorded = new Map(acts.filter(({tradeId}) => !recorded.has(tradeId)).map(act => [act.tradeId, act]));
  return [
    ...records,
    ...[...unrecorded.values()].map(({tradeId, reason, restatedAt}) =>
      absent('audit', {
        of: tradeId,
        text: `shared.audit_log has no record of who ${reason} trade ${tradeId}`,
        since: restatedAt,
      }),
    ),
  ];
}
