import {age, NA} from '../core/format.ts';
import type {Micros} from '../core/time.ts';
import type {BackendRow} from '../monitor/backends.ts';
import type {ServerRow} from '../monitor/server.ts';
import {LIMITS, within} from './limits.ts';
import {mostIdle} from './most-idle.ts';
import {figureAt, HEALTH} from './places.ts';
import {type AlertFinding, type AlertRule, found, measured, type Seen} from './rule.ts';

/** A rule about the row of a server that answers. */
const ofRow =
  (find: (row: ServerRow, at: Micros) => readonly AlertFinding[]): AlertRule['find'] =>
  ({at, samples: {server}}: Seen) => {
    const [row] = server.rows;
    return row ? find(row, at) : [];
  };

const notable = (at: Micros, then: Micros | undefined) => (within(at, then, LIMITS.notable) ? 'warn' : 'ok');

/** The session whose transaction has been open for longest; where none was read, all of them. */
function oldestIn(sessions: readonly BackendRow[]) {
  let oldest: {readonly key: string; readonly seconds: number} | undefined;
  for (const {key, xactSeconds: seconds} of sessions) {
    if (seconds !== undefined && (oldest === undefined || seconds > oldest.seconds)) oldest = {key, seconds};
  }
  return oldest === undefined ? {where: {}} : {key: oldest.key};
}

/** The PostgreSQL server as a whole: its limits, its restarts, and what it hides from us. */
export const serverRules: readonly AlertRule[] = [
  {
    id: 'statements_dealloc',
    when: 'pg_stat_statements evicts entries',
    needs: ['statements_info'],
    owner: 'database',
    todo: 'Raise pg_stat_statements.max and restart PostgreSQL.',
    find: ({at, samples: {statements_info: info}}) => {
      const since = info.rows[0]?.lastDeallocAt;
      return found(notable(at, since), {
        text: 'pg_stat_statements evicts entries: the list is not complete. Raise pg_stat_statements.max',
        since,
      });
    },
  },
  {
    id: 'sessions_full',
    when: 'almost all connections of PostgreSQL are in use',
    needs: ['server'],
    owner: 'database',
    todo: 'End the idle sessions that it leads to (→, then K, all that the filter shows), or make the services’ pools smaller.',
    limits: {unit: 'share', ...LIMITS.sessions, clear: 0.85},
    find: ({samples: {server, sessions: services}}) => {
      const [row] = server.rows;
      if (row === undefined) return [];
      const {sessions, maxConnections} = row;
      const share = maxConnections > 0 ? sessions / maxConnections : 0;
      const idle = mostIdle(services.rows);
      return measured(share, {
        text: `${sessions} of ${maxConnections} connections are in use${idle.words}`,
        row: idle.row ?? figureAt('connections'),
      });
    },
  },
  {
    id: 'oldest_xact',
    when: 'a transaction has been open for too long',
    needs: ['server'],
    owner: 'database',
    todo: 'Find the session in Sessions by its age (XACT), ask its service, and end it by K.',
    limits: {unit: 'seconds', ...LIMITS.oldestXact},
    find: ({at, samples: {server, backends}}) =>
      server.rows.flatMap(({oldestXactSeconds: seconds}) =>
        seconds === undefined
          ? []
          : measured(seconds, {
              text: `A transaction has been open for ${age(seconds)}: VACUUM cannot remove rows that died since then`,
              since: at - seconds * 1e6,
              row: {pane: 'sessions', ...oldestIn(backends.rows)},
            }),
      ),
  },
  {
    id: 'pg_restart',
    when: 'PostgreSQL was restarted',
    needs: ['server'],
    owner: 'database',
    todo: 'Read the server’s log; look for gaps in the Sync pane.',
    find: ofRow(({restartedAt}, at) =>
      found(notable(at, restartedAt), {text: 'PostgreSQL was restarted', since: restartedAt, row: HEALTH.trading}),
    ),
  },
  {
    id: 'pg_role',
    when: 'the server changed between primary and standby',
    needs: ['server'],
    owner: 'database',
    todo: 'See that the services write to the primary; tradetop doctor names the server.',
    find: ofRow(({roleChangedAt, standby}, at) =>
      found(notable(at, roleChangedAt), {
        text: standby ? 'The server became a standby: it accepts no writes' : 'The standby became the primary',
        since: roleChangedAt,
        row: HEALTH.trading,
      }),
    ),
  },
  {
    id: 'standby_lost',
    when: 'a standby no longer receives from the server',
    needs: ['server'],
    owner: 'database',
    todo: 'Look at the standby and its log; its slot keeps WAL on this server.',
    find: ofRow(({standbyLostAt, standbys}, at) =>
      found(within(at, standbyLostAt, LIMITS.notable) ? 'crit' : 'ok', {
        text: `A standby no longer receives from the server: ${standbys ?? NA} left`,
        since: standbyLostAt,
      }),
    ),
  },
  {
    id: 'deadlock',
    when: 'PostgreSQL resolved a deadlock',
    needs: ['server'],
    owner: 'database',
    todo: 'Read the server’s log for the two statements; let both take their locks in one order.',
    find: ofRow(({lastDeadlockAt, deadlocks}, at) =>
      found(within(at, lastDeadlockAt, LIMITS.recent) ? 'warn' : 'ok', {
        text: `PostgreSQL resolved a deadlock: ${deadlocks} so far`,
        since: lastDeadlockAt,
        row: figureAt('transactions'),
      }),
    ),
  },
  {
    id: 'settings_changed',
    when: 'a setting of the server changed, or waits for a restart',
    needs: ['settings_changed'],
    owner: 'database',
    todo: 'Ask who changed it; a setting that waits takes effect at the next restart.',
    find: ({at, samples: {settings_changed: settings}}) => {
      const recent = settings.rows.filter(row => row.pendingRestart || within(at, row.at, LIMITS.notable));
      const [last] = recent;
      if (last === undefined) return [];
      const more = recent.length > 1 ? `, and ${recent.length - 1} more` : '';
      const change = last.before === last.value ? last.value : `${last.before ?? 'its default'} → ${last.value}`;
      const pending = last.pendingRestart ? ', which waits for a restart' : '';
      return found('warn', {
        text: `The server’s ${last.name} changed: ${change}${pending}${more}`,
        since: last.at,
        row: {pane: 'server', key: `setting ${last.name}`},
      });
    },
  },
  {
    id: 'reads_all_stats',
    when: 'our role does not see what other roles do',
    needs: ['server'],
    owner: 'database',
    todo: 'Grant pg_read_all_stats to the role; tradetop doctor has the statement.',
    find: ofRow(({readsAllStats, user}) =>
      found(readsAllStats ? 'ok' : 'warn', {
        text: `Role ${user} does not see what other roles do: GRANT pg_read_all_stats TO it`,
      }),
    ),
  },
];
