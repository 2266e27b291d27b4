import {age, plural} from '../core/format.ts';
import {withoutComments} from '../core/statement-text.ts';
import type {BlockerRow} from '../monitor/blockers.ts';
import type {RunningRow} from '../monitor/running.ts';
import {sessionKey} from '../monitor/session-key.ts';
import type {SessionsRow} from '../monitor/sessions.ts';
import {LIMITS, near} from './limits.ts';
import {type AlertRule, found, measured, type Seen} from './rule.ts';

/** So many long queries have an alert of their own. */
const MOST_LONG = 5;

/** Who blocks a service: `4121 (analytics)`, by its pid. PostgreSQL gives pid 0 for a prepared transaction. */
const holder = ({blockedBy, blockedByService}: SessionsRow): string =>
  blockedBy === 0
    ? 'a prepared transaction'
    : `${blockedBy ?? 'an unknown session'}${blockedByService === undefined ? '' : ` (${blockedByService})`}`;

/** What is wrong with a service now, the pid to look at first: little room is left of it; then how many sessions it has. */
export function serviceFacts(row: SessionsRow): readonly string[] {
  const {blockedSeconds, idleInTransaction: n, idleInTransactionPid: pid, untracked} = row;
  return [
    ...(blockedSeconds > 0 ? [`by ${holder(row)}, blocked ${age(blockedSeconds)}`] : []),
    ...(n > 0
      ? [
          `${pid === undefined ? '' : `pid ${pid} `}idle in tx ${age(row.idleInTransactionSeconds)}${n > 1 ? `, ${n} of them` : ''}`,
        ]
      : []),
    ...(untracked > 0 ? [`track_activities is off for ${untracked}: what they do is not known`] : []),
    plural(row.sessions, 'session'),
  ];
}

/** How many times the threshold of a slow query it has run. */
const timesSlow = ({seconds}: RunningRow, {about}: Seen): number => (seconds * 1000) / about.slowMs;

/** The session of a blocker, told apart from a later one of the same process id. */
const subjectOf = ({pid, backendStart}: BlockerRow): string => sessionKey(pid, backendStart);

/** `pid 4077 (analytics, report)`: the role's service and, where that does not say it, the application. */
function rootOf({pid, service, application}: BlockerRow): string {
  const program = application === '' || service.includes(application) ? '' : `, ${application}`;
  return pid === 0 ? 'A prepared transaction' : `pid ${pid} (${service}${program})`;
}

/** What a blocker does: `idle in transaction for 3m`. */
function doingOf({pid, state, stateSeconds, query}: BlockerRow): string {
  if (pid === 0) return 'prepared, and neither committed nor rolled back';
  const what = state.startsWith('idle in transaction')
    ? `${state} for ${age(stateSeconds)}, last`
    : `${state || 'busy'} for ${age(stateSeconds)}`;
  return `${what} ${withoutComments(query).slice(0, 80)}`;
}

/** The alert about the root of a blocking tree, by its id, whatever the rule's limits are. */
function blockedId({samples: {blockers}}: Seen, isPart: (root: BlockerRow) => boolean): string | undefined {
  const root = blockers.state === 'ok' ? blockers.rows.find(isPart) : undefined;
  return root && `blocked:${subjectOf(root)}`;
}

/** The alert about the session that a service waits for, by its id: what the service does not do then is its effect. */
export function waitsBehind(state: Seen, service: string | undefined): string | undefined {
  const {rows} = state.samples.sessions;
  const by = rows.find(row => row.service === service && row.blockedSeconds > 0)?.blockedBy;
  return by === undefined ? undefined : blockedId(state, ({pid, victims}) => pid === by || victims.includes(by));
}

/** Services that wait for one another, sit in a transaction, or run a query for too long. */
export const sessionRules: readonly AlertRule[] = [
  {
    id: 'blocked',
    when: 'a session blocks others for too long; it names the root, which waits for none',
    needs: ['blockers', 'sessions'],
    owner: 'database',
    todo: 'Ask its service; K here ends the session that blocks, C cancels what it runs.',
    limits: {unit: 'seconds', ...LIMITS.blocked},
    find: ({at, samples: {blockers}}) =>
      blockers.rows.flatMap(row => {
        const doing = doingOf(row);
        return measured(row.seconds, {
          subject: subjectOf(row),
          text: `${rootOf(row)} blocks ${plural(row.blocks, 'other')} for ${age(row.seconds)}: ${doing}`,
          cause: doing,
          since: at - row.seconds * 1e6,
          row: row.pid === 0 ? undefined : {pane: 'sessions', key: subjectOf(row)},
          todo:
            row.pid === 0 ? 'Find it in pg_prepared_xacts; COMMIT PREPARED or ROLLBACK PREPARED ends it.' : undefined,
        });
      }),
  },
  {
    id: 'idle_tx',
    when: 'a service has been idle in a transaction for too long',
    needs: ['sessions'],
    owner: 'database',
    todo: 'Ask its service; K here ends the session. Set idle_in_transaction_session_timeout.',
    limits: {unit: 'seconds', ...LIMITS.idleInTransaction},
    find: state =>
      state.samples.sessions.rows.flatMap(row => {
        const pid = row.idleInTransactionPid;
        const who = pid === undefined ? row.service : `${row.service} (pid ${pid})`;
        return measured(row.idleInTransactionSeconds, {
          subject: `${row.database}/${row.service}`,
          text: `${who} idle in a transaction for ${age(row.idleInTransactionSeconds)}`,
          since: state.at - row.idleInTransactionSeconds * 1e6,
          row: pid === undefined ? undefined : {pane: 'sessions', key: sessionKey(pid, row.idleInTransactionStart)},
          causedBy: blockedId(state, root => root.pid === pid),
        });
      }),
  },
  {
    id: 'long',
    when: 'a query has run for too long',
    needs: ['running'],
    owner: 'database',
    todo: '→ leads to the statement; C cancels it, here or there.',
    limits: {unit: 'times', ...LIMITS.longQuery},
    find: (state, limits) => {
      const rows = state.samples.running.rows.filter(row => near(timesSlow(row, state), limits));
      const more = rows.length - MOST_LONG;
      return [
        ...rows.slice(0, MOST_LONG).flatMap(row =>
          measured(timesSlow(row, state), {
            subject: `${row.pid}/${row.backendStart}`,
            text: `${row.service} (pid ${row.pid}) has run for ${age(row.seconds)}: ${withoutComments(row.query).slice(0, 80)}`,
            since: state.at - row.seconds * 1e6,
            row: {pane: 'slow_queries', key: `pid ${row.pid} ${row.backendStart}`},
            causedBy: blockedId(state, ({pid, victims}) => pid === row.pid || victims.includes(row.pid)),
          }),
        ),
        ...found(more > 0 ? 'warn' : 'ok', {
          subject: 'more',
          text: `${plural(more, 'more query runs', 'more queries run')} too long`,
          causedBy: blockedId(state, ({victims}) => rows.slice(MOST_LONG).every(({pid}) => victims.includes(pid))),
        }),
      ];
    },
  },
];
