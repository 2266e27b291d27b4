import type {SampleId} from '../model/state.ts';
import type {Held} from '../monitor/sample.ts';
import {LIMITS} from './limits.ts';
import {HEALTH} from './places.ts';
import {type AlertFinding, type AlertRule, found, type Seen} from './rule.ts';

/** The samples of the trading database. */
const DESK = [
  'server',
  'trades',
  'positions',
  'statements',
  'running',
  'sessions',
  'sync',
  'orders',
  'order_rates',
  'risk_limits',
  'risk_events',
  'market_data',
  'market_quality',
  'logs',
  'log_counts',
  'notifications',
  'audit',
  'performance',
  'portfolio',
] as const satisfies readonly SampleId[];

/** The samples of Prefect's database. */
const PREFECT = ['prefect', 'prefect_runs', 'prefect_workers'] as const satisfies readonly SampleId[];

/** The alert on a full disk: its effects are what waits for the disk. */
export const FULL_DISK = 'disk_full';

type AnyHeld = Held<unknown>;

const why = ({failure}: AnyHeld): string => failure?.message ?? 'no reason given';

/** A rule about sources that only counts while PostgreSQL itself answers: else the alert about it says everything. */
const ifServerAnswers =
  (find: AlertRule['find']): AlertRule['find'] =>
  (state, limits) =>
    state.samples.server.state === 'down' || state.samples.server.state === 'denied' ? [] : find(state, limits);

const forEach =
  (ids: readonly SampleId[], judge: (held: AnyHeld, id: SampleId) => AlertFinding | undefined) =>
  (state: Seen): readonly AlertFinding[] =>
    ids.flatMap(id => {
      const finding = judge(state.samples[id], id);
      return finding === undefined ? [] : [{...finding, subject: id, row: HEALTH.trading, hides: [id]}];
    });

/** Sources that do not answer, or do not answer us. */
export const sourceRules: readonly AlertRule[] = [
  {
    id: 'pg_down',
    when: 'PostgreSQL does not answer',
    needs: [],
    owner: 'database',
    todo: 'Look at the server and at the path to it; tradetop doctor tries each step.',
    find: ({samples: {server}}) =>
      found(server.state === 'down' && server.failure?.fullDisk !== true ? 'crit' : 'ok', {
        text: `PostgreSQL does not answer: ${why(server)}`,
        since: server.failingSince,
        row: HEALTH.trading,
        hides: [...DESK, 'checks'],
        // Where it was full when it was last read, the server has ended by it.
        causedBy: FULL_DISK,
      }),
  },
  {
    id: FULL_DISK,
    when: 'PostgreSQL cannot write to its disk, or says to a login or a query that it is full',
    needs: [],
    owner: 'database',
    todo: 'Free space on the server’s disk, or enlarge it; look in Server for slots and archives that keep WAL, and in Tables & vacuum for what grows.',
    find: ({samples}) => {
      const full = [...DESK, ...PREFECT].filter(id => samples[id].failure?.fullDisk === true);
      const [first] = full;
      const [disk] = samples.disk.rows;
      return first === undefined && disk?.fullSince === undefined
        ? []
        : found('crit', {
            text: `PostgreSQL’s disk is full: ${first === undefined ? 'it cannot write to it' : why(samples[first])}`,
            since: disk?.fullSince ?? (first && samples[first].failingSince),
            row: HEALTH.trading,
            hides: samples.server.failure?.fullDisk === true ? [...DESK, 'checks'] : full,
          });
    },
  },
  {
    id: 'pg_denied',
    when: 'PostgreSQL refuses the connection',
    needs: [],
    owner: 'database',
    todo: 'Read the reason; tradetop doctor has the statement or the line of pg_hba.conf.',
    find: ({samples: {server}}) =>
      found(server.state === 'denied' ? 'crit' : 'ok', {
        text: `PostgreSQL refuses the connection: ${why(server)}`,
        since: server.failingSince,
        row: HEALTH.trading,
        hides: [...DESK, 'checks'],
      }),
  },
  {
    id: 'prefect_down',
    when: 'Prefect’s database does not answer',
    needs: [],
    owner: 'platform',
    todo: 'Look at Prefect’s database; the desk does not depend on it.',
    find: ifServerAnswers(({samples: {prefect}}) =>
      found(prefect.state === 'down' ? 'warn' : 'ok', {
        text: `Prefect’s database does not answer: ${why(prefect)}`,
        since: prefect.failingSince,
        row: HEALTH.prefect,
        hides: PREFECT,
      }),
    ),
  },
  {
    id: 'prefect_denied',
    when: 'Prefect’s database refuses the connection',
    needs: [],
    owner: 'platform',
    todo: 'Check PREFECT_API_DATABASE_CONNECTION_URL; tradetop doctor tries it.',
    find: ifServerAnswers(({samples: {prefect}}) =>
      found(prefect.state === 'denied' ? 'warn' : 'ok', {
        text: `Prefect’s database refuses the connection: ${why(prefect)}`,
        since: prefect.failingSince,
        row: HEALTH.prefect,
        hides: PREFECT,
      }),
    ),
  },
  {
    id: 'not_set_up',
    when: 'the trading database has no tables of the desk',
    needs: [],
    owner: 'database',
    todo: 'tradetop setup',
    find: ifServerAnswers(({samples: {trades, positions}}) => {
      const missing = [trades, positions].find(held => held.failure?.why === 'not_set_up');
      return missing === undefined
        ? []
        : found('crit', {
            text: `The trading database is not set up (${why(missing)}): run tradetop setup`,
            since: missing.failingSince,
            row: HEALTH.trading,
          });
    }),
  },
  {
    id: 'denied',
    when: 'trades or positions cannot be read for want of a right',
    needs: [],
    owner: 'database',
    todo: 'Grant the right; tradetop doctor has the statement.',
    find: ifServerAnswers(
      forEach(['trades', 'positions'], (held, id) =>
        held.state === 'denied'
          ? {severity: 'warn', text: `${id} cannot be read: ${why(held)}`, since: held.failingSince}
          : undefined,
      ),
    ),
  },
  {
    id: 'down',
    when: `a source of the trading database has failed for ${LIMITS.grace} seconds`,
    needs: [],
    owner: 'database',
    todo: 'Its pane says why; tradetop doctor names what is missing.',
    limits: {forSeconds: LIMITS.grace},
    // A single statement that misses its deadline raises no alert: the pane shows it, and the next one comes.
    find: ifServerAnswers(
      forEach(DESK, (held, id) =>
        held.state === 'down'
          ? {severity: 'warn', text: `${id} gives no new rows: ${why(held)}`, since: held.failingSince}
          : undefined,
      ),
    ),
  },
  {
    id: 'stale',
    when: 'a source of the trading database was not read for three intervals',
    needs: [],
    owner: 'platform',
    todo: 'The server or this machine is overloaded: look at Slow queries and the header.',
    find: ifServerAnswers(
      forEach(DESK, (held, id) =>
        held.state === 'stale'
          ? {severity: 'warn', text: `${id} is stale: not read for three intervals`, since: held.staleAt}
          : undefined,
      ),
    ),
  },
];
