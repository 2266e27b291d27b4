import {plural} from '../core/format.ts';
import {isoMicros} from '../core/time.ts';
import type {TraceFacts} from './facts.ts';
import {absent, denied, done, type Limit, none} from './place.ts';
import type {Placed} from './step.ts';

/** As trace/logs gives. */
const MOST_LINES = 50;

/** The log lines with the correlation ids of a life. */
export function linesOfLogs({id, logs, now}: TraceFacts): readonly Placed[] {
  if (logs.denied !== undefined) return [denied('log', id, logs, now)];
  const lines = logs.rows.map(({id: line, at, service, level, eventType, message}) =>
    done('log', {
      of: line,
      at,
      text: `${level} ${service}${eventType === undefined ? '' : ` ${eventType}`}: ${message}`,
    }),
  );
  const [first] = logs.rows;
  if (logs.rows.length < MOST_LINES || first === undefined) return lines;
  return [none('log', {of: id, text: `only the newest ${MOST_LINES} lines are shown`, since: first.at}), ...lines];
}

/** The risk events of a life, and what people were told of it. */
export function warningsOf({id, risks, told, now}: TraceFacts, limit: Limit): readonly Placed[] {
  const events = risks.rows.map(
    ({id: of, at, severity, eventType, message, acknowledgedAt, acknowledgedBy, resolvedAt}) => {
      const seen =
        acknowledgedAt === undefined ? 'nobody has acknowledged it' : `acknowledged by ${acknowledgedBy ?? '?'}`;
      const state = resolvedAt === undefined ? seen : `${seen}, settled at ${isoMicros(resolvedAt).slice(0, 19)}Z`;
      return done('risk', {of, at, text: `${severity} ${eventType}: ${message} (${state})`});
    },
  );
  return [
    ...(risks.denied === undefined ? events : [denied('risk', id, risks, now)]),
    ...(told.denied === undefined
      ? told.rows.map(row => notification(row, limit))
      : [denied('notification', id, told, now)]),
  ];
}

type Told = TraceFacts['told']['rows'][number];

function notification(
  {id: of, channel, subject, status, attempts, error, createdAt: since, sentAt: at}: Told,
  limit: Limit,
): Placed {
  const text = `${channel}: ${subject}`;
  if (status === 'sent') return done('notification', {of, text, at, since}, limit);
  if (status === 'suppressed')
    return none('notification', {of, text: `${text} (not sent: too many were alike)`, since});
  const why = `${text} (not sent after ${plural(attempts, 'attempt')}${error === undefined ? '' : `: ${error}`})`;
  return absent('notification', {of, text: why, since}, status === 'failed' ? undefined : limit);
}

/** What operators did to the trades of a life, and about its risk events, quarantine and strategies. A correction or a bust without its record is missing one. */
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
