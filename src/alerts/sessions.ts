import {age, plural} from '../core/format.ts';
import type {Micros} from '../core/time.ts';
import type {RunningRow} from '../monitor/running.ts';
import type {SessionsRow} from '../monitor/sessions.ts';
import {type AlertFinding, found, judge, LIMITS, type Seen} from './finding.ts';

/** Long queries are told one by one up to here. */
const MOST_LONG = 5;

/** Services that wait for one another, that sit in a transaction, or that run something for too long. */
export function sessionAlerts({at, about, samples}: Seen): readonly AlertFinding[] {
  const sessions = samples.sessions.state === 'ok' ? samples.sessions.rows : [];
  const running = samples.running.state === 'ok' ? samples.running.rows : [];
  const long = running
    .map(row => ({row, severity: judge((row.seconds * 1000) / about.slowMs, LIMITS.longQuery)}))
    .filter(({severity}) => severity !== 'ok');
  return [
    ...sessions.flatMap(row => blocked(row, at)),
    ...sessions.flatMap(row => idle(row, at)),
    ...long.slice(0, MOST_LONG).flatMap(({row, severity}) => found(severity, longQuery(row, at))),
    ...found(long.length > MOST_LONG ? 'warn' : 'ok', {
      id: 'long_more',
      text: `${plural(long.length - MOST_LONG, 'more query runs', 'more queries run')} too long`,
    }),
  ];
}

/** Who holds a service up: `pid 4121 (analytics)`. PostgreSQL gives pid 0 for a prepared transaction. */
export const holder = ({blockedBy, blockedByService}: SessionsRow): string =>
  blockedBy === 0
    ? 'a prepared transaction'
    : `pid ${blockedBy ?? 'unknown'}${blockedByService === undefined ? '' : ` (${blockedByService})`}`;

const blocked = (row: SessionsRow, at: Micros): readonly AlertFinding[] =>
  found(judge(row.blockedSeconds, LIMITS.blocked), {
    id: `blocked:${row.database}/${row.service}`,
    text: `${row.service} blocked by ${holder(row)} for ${age(row.blockedSeconds)}`,
    since: at - row.blockedSeconds * 1e6,
  });

function idle(row: SessionsRow, at: Micros): readonly AlertFinding[] {
  const who = row.idleInTransactionPid === undefined ? row.service : `${row.service} (pid ${row.idleInTransactionPid})`;
  return found(judge(row.idleInTransactionSeconds, LIMITS.idleInTransaction), {
    id: `idle_tx:${row.database}/${row.service}`,
    text: `${who} idle in a transaction for ${age(row.idleInTransactionSeconds)}`,
    since: at - row.idleInTransactionSeconds * 1e6,
  });
}

const longQuery = (row: RunningRow, at: Micros): Omit<AlertFinding, 'severity'> => ({
  id: `long:${row.pid}/${row.backendStart}`,
  text: `${row.service} (pid ${row.pid}) has run for ${age(row.seconds)}: ${row.query.slice(0, 80)}`,
  since: at - row.seconds * 1e6,
});
