import {age, plural} from '../core/format.ts';
import type {RunningRow} from '../monitor/running.ts';
import type {SessionsRow} from '../monitor/sessions.ts';
import {judge, LIMITS} from './limits.ts';
import {type AlertRule, found, type Seen} from './rule.ts';

/** So many long queries have an alert of their own. */
const MOST_LONG = 5;

/** Who blocks a service: `pid 4121 (analytics)`. PostgreSQL gives pid 0 for a prepared transaction. */
export const holder = ({blockedBy, blockedByService}: SessionsRow): string =>
  blockedBy === 0
    ? 'a prepared transaction'
    : `pid ${blockedBy ?? 'unknown'}${blockedByService === undefined ? '' : ` (${blockedByService})`}`;

const sessionsOf = ({samples: {sessions}}: Seen): readonly SessionsRow[] =>
  sessions.state === 'ok' ? sessions.rows : [];

const severityOf = ({seconds}: RunningRow, {about}: Seen) => judge((seconds * 1000) / about.slowMs, LIMITS.longQuery);

function longQueries(state: Seen): readonly RunningRow[] {
  const {running} = state.samples;
  return running.state === 'ok' ? running.rows.filter(row => severityOf(row, state) !== 'ok') : [];
}

/** Services that wait for one another, sit in a transaction, or run a query for too long. */
export const sessionRules: readonly AlertRule[] = [
  {
    id: 'blocked',
    when: 'a service has waited for a lock for too long',
    find: state =>
      sessionsOf(state).flatMap(row =>
        found(judge(row.blockedSeconds, LIMITS.blocked), {
          subject: `${row.database}/${row.service}`,
          text: `${row.service} blocked by ${holder(row)} for ${age(row.blockedSeconds)}`,
          since: state.at - row.blockedSeconds * 1e6,
        }),
      ),
  },
  {
    id: 'idle_tx',
    when: 'a service has been idle in a transaction for too long',
    find: state =>
      sessionsOf(state).flatMap(row => {
        const pid = row.idleInTransactionPid;
        const who = pid === undefined ? row.service : `${row.service} (pid ${pid})`;
        return found(judge(row.idleInTransactionSeconds, LIMITS.idleInTransaction), {
          subject: `${row.database}/${row.service}`,
          text: `${who} idle in a transaction for ${age(row.idleInTransactionSeconds)}`,
          since: state.at - row.idleInTransactionSeconds * 1e6,
        });
      }),
  },
  {
    id: 'long',
    when: 'a query has run for too long',
    find: state =>
      longQueries(state)
        .slice(0, MOST_LONG)
        .flatMap(row =>
          found(severityOf(row, state), {
            subject: `${row.pid}/${row.backendStart}`,
            text: `${row.service} (pid ${row.pid}) has run for ${age(row.seconds)}: ${row.query.slice(0, 80)}`,
            since: state.at - row.seconds * 1e6,
          }),
        ),
  },
  {
    id: 'long_more',
    when: `more than ${MOST_LONG} queries have run for too long`,
    find: state => {
      const more = longQueries(state).length - MOST_LONG;
      return found(more > 0 ? 'warn' : 'ok', {
        text: `${plural(more, 'more query runs', 'more queries run')} too long`,
      });
    },
  },
];
