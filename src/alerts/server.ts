import {age} from '../core/format.ts';
import {type AlertFinding, found, judge, LIMITS, type Seen, within} from './finding.ts';

/** The server as a whole: its limits, its restarts, and what we are not allowed to see. */
export function serverAlerts({at, samples: {server, statements_info: info}}: Seen): readonly AlertFinding[] {
  const row = server.rows[0];
  const told = info.rows[0];
  const dealloc =
    info.state === 'ok' && within(at, told?.lastDeallocAt, LIMITS.notable)
      ? found('warn', {
          id: 'statements_dealloc',
          text: 'pg_stat_statements forgets entries: the list has holes. Raise pg_stat_statements.max',
          since: told?.lastDeallocAt,
        })
      : [];
  if (server.state !== 'ok' || !row) return dealloc;
  const share = row.maxConnections > 0 ? row.sessions / row.maxConnections : 0;
  const notable = (then: number | undefined) => (within(at, then, LIMITS.notable) ? 'warn' : 'ok');
  return [
    ...dealloc,
    ...found(judge(share, LIMITS.sessions), {
      id: 'sessions_full',
      text: `${row.sessions} of ${row.maxConnections} connections are taken`,
    }),
    ...found(judge(row.oldestXactSeconds, LIMITS.oldestXact), {
      id: 'oldest_xact',
      text: `A transaction has been open for ${age(row.oldestXactSeconds)}: dead rows younger than it stay`,
      since: at - row.oldestXactSeconds * 1e6,
    }),
    ...found(notable(row.restartedAt), {id: 'pg_restart', text: 'PostgreSQL was restarted', since: row.restartedAt}),
    ...found(notable(row.roleChangedAt), {
      id: 'pg_role',
      text: row.standby
        ? 'The server has become a standby: nothing can be written'
        : 'The standby has become the primary',
      since: row.roleChangedAt,
    }),
    ...found(within(at, row.standbyLostAt, LIMITS.notable) ? 'crit' : 'ok', {
      id: 'standby_lost',
      text: `A standby does not receive any more: ${row.standbys} left`,
      since: row.standbyLostAt,
    }),
    ...found(within(at, row.lastDeadlockAt, LIMITS.recent) ? 'warn' : 'ok', {
      id: 'deadlock',
      text: `A deadlock was broken: ${row.deadlocks} so far`,
      since: row.lastDeadlockAt,
    }),
    ...found(row.readsAllStats ? 'ok' : 'warn', {
      id: 'reads_all_stats',
      text: `Role ${row.user} does not see what other roles do: GRANT pg_read_all_stats TO it`,
    }),
  ];
}
