import {age, plural} from '../core/format.ts';
import type {RunningRow} from '../monitor/running.ts';
import type {SessionsRow} from '../monitor/sessions.ts';
import {LIMITS, near} from './limits.ts';
import {type AlertRule, found, measured, type Seen} from './rule.ts';

/** So many long queries have an alert of their own. */
const MOST_LONG = 5;

/** Who blocks a service: `pid 4121 (analytics)`. PostgreSQL gives pid 0 for a prepared transaction. */
export const holder = ({blockedBy, blockedByService}: SessionsRow): string =>
  blockedBy === 0
    ? 'a prepared transaction'
    : `pid ${blockedBy ?? 'unknown'}${blockedByService === undefined ? '' : ` (${blockedByService})`}`;

/** How many times the threshold of a slow query it has run. */
const timesSlow = ({seconds}: RunningRow, {about}: Seen): number => (seconds * 1000) / about.slowMs;

/** Services that wait for one another, sit in a transaction, or run a query for too long. */
export const sessionRules: readonly AlertRule[] = [
  {
    id: 'blocked',
    when: 'a service has waited for a lock for too long',
    needs: ['sessions'],
    owner: 'database',
    todo: 'Look at the session that blocks; end it by K, or cancel its statement by C.',
    limits: {unit: 'seconds', ...LIMITS.blocked},
    find: state =>
      state.samples.sessions.rows.flatMap(row =>
        measured(row.blockedSeconds, {
          subject: `${row.database}/${row.service}`,
          text: `${row.service} blocked by ${holder(row)} for ${age(row.blockedSeconds)}`,
          since: state.at - row.blockedSeconds * 1e6,
        }),
      ),
  },
  {
    id: 'idle_tx',
    when: 'a service has been idle in a transaction for too long',
    needs: ['sessions'],
    owner: 'database',
    todo: 'Ask its service; end the session by K. Set idle_in_transaction_session_timeout.',
    limits: {unit: 'seconds', ...LIMITS.idleInTransaction},
    find: state =>
      state.samples.sessions.rows.flatMap(row => {
        const pid = row.idleInTransactionPid;
        const who = pid === undefined ? row.service : `${row.service} (pid ${pid})`;
        return measured(row.idleInTransactionSeconds, {
          subject: `${row.database}/${row.service}`,
          text: `${who} idle in a transaction for ${age(row.idleInTransactionSeconds)}`,
          since: state.at - row.idleInTransactionSeconds * 1e6,
        });
      }),
  },
  {
    id: 'long',
    when: 'a query has run for too long',
    needs: ['running'],
    owner: 'database',
    todo: 'Press ⏎ in Slow queries for the statement; cancel it by C.',
    limits: {unit: 'times', ...LIMITS.longQuery},
    find: (state, limits) => {
      const rows = state.samples.running.rows.filter(row => near(timesSlow(row, state), limits));
      const more = rows.length - MOST_LONG;
      return [
        ...rows.slice(0, MOST_LONG).flatMap(row =>
          measured(timesSlow(row, state), {
            subject: `${row.pid}/${row.backendStart}`,
            text: `${row.service} (pid ${row.pid}) has run for ${age(row.seconds)}: ${row.query.slice(0, 80)}`,
            since: state.at - row.seconds * 1e6,
          }),
        ),
        ...found(more > 0 ? 'warn' : 'ok', {
          subject: 'more',
          text: `${plural(more, 'more query runs', 'more queries run')} too long`,
        }),
      ];
    },
  },
];
