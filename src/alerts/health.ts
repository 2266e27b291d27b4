import {age, plural} from '../core/format.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Severity} from '../core/severity.ts';
import type {Micros} from '../core/time.ts';
import type {GoneService, State} from '../model/state.ts';
import type {Held} from '../monitor/sample.ts';
import type {SessionsRow} from '../monitor/sessions.ts';
import {judgeBy, LIMITS, limitsIn, within} from './limits.ts';
import {serviceFacts} from './sessions.ts';
import {goneFor} from './silence.ts';

/** The health of one of the desk's connections: our pools, the services' sessions, Prefect, Redis, the bus. */
export type HealthRow = {
  /** Stable over time: `pool:trading`, `service:trading_system/execution`. */
  readonly key: string;
  readonly name: SafeText;
  readonly kind: 'pool' | 'service' | 'database' | 'redis' | 'bus';
  readonly severity: Severity;
  /** One or two words: `ok`, `blocked`, `down`, `no tables`. */
  readonly state: string;
  readonly inUse: number | undefined;
  readonly idle: number | undefined;
  /** Requests that wait for a free connection, or sessions that wait for a lock. */
  readonly waiting: number | undefined;
  readonly max: number | undefined;
  readonly latencyMs: number | undefined;
  /** Why it does not answer, or why it last failed. */
  readonly lastError: SafeText | undefined;
  /** When it last failed; undefined while it does, and where that is not known. */
  readonly lastErrorAt: Micros | undefined;
  /** Start of the present state, where that is known. */
  readonly since: Micros | undefined;
  readonly note: SafeText | undefined;
};

/** The rows of the health pane: trading, the services by name, Prefect, Redis, the bus. */
export function healthRows(state: State): readonly HealthRow[] {
  return [trading(state), ...services(state), prefect(state), redis(state), bus(state)];
}

const NO_COUNTS = {inUse: undefined, idle: undefined, waiting: undefined, max: undefined} as const;
const NOTHING_KNOWN = {
  ...NO_COUNTS,
  kind: 'service',
  severity: 'ok',
  state: 'ok',
  latencyMs: undefined,
  since: undefined,
  note: undefined,
  lastErrorAt: undefined,
} as const;

/** The trouble of the connection behind a source, as far as the source's state tells; undefined: none. */
function troubleOf(held: Held<unknown>, now: Micros): Partial<HealthRow> | undefined {
  const {failure, failingSince, retryAt} = held;
  if (held.state === 'ok' || held.state === 'empty') return undefined;
  if (held.state === 'waiting') return {severity: 'warn', state: 'waiting', note: sanitise('no answer yet')};
  if (held.state === 'stale') {
    return {severity: 'warn', state: 'stale', since: held.at, note: sanitise('not read for three intervals')};
  }
  const retry =
    retryAt === undefined || retryAt <= now ? 'retrying' : `retry in ${age(Math.ceil((retryAt - now) / 1e6))}`;
  return {
    severity: held.state === 'unsupported' ? 'warn' : 'crit',
    state: failure?.why === 'not_set_up' ? 'not set up' : failure?.why === 'timeout' ? 'no answer' : held.state,
    latencyMs: undefined,
    since: failingSince,
    note: sanitise(failure?.retry === false ? failure.next : retry),
  };
}

function lastError({failure, lastFailure}: Held<unknown>): Pick<HealthRow, 'lastError' | 'lastErrorAt'> {
  const last = failure ?? lastFailure?.failure;
  return {lastError: last && sanitise(last.message), lastErrorAt: failure ? undefined : lastFailure?.at};
}

const worse = (a: Severity, b: Severity): Severity => (a === 'crit' || b === 'crit' ? 'crit' : a === 'warn' ? a : b);

function trading({at, samples: {server}, pools, about}: State): HealthRow {
  const row = server.rows[0];
  const share = row && row.maxConnections > 0 ? row.sessions / row.maxConnections : 0;
  const full = judgeBy(share, limitsIn(about, 'sessions_full', LIMITS.sessions), undefined);
  return {
    key: 'pool:trading',
    name: sanitise('trading'),
    kind: 'pool',
    severity: full,
    state: full === 'ok' ? 'ok' : 'full',
    ...pools.trading,
    latencyMs: row?.latencyMs,
    ...lastError(server),
    since: row?.startedAt,
    note: row ? sanitise(`${row.sessions}/${row.maxConnections} server`) : about.trading,
    ...troubleOf(server, at),
  };
}

function services(state: State): readonly HealthRow[] {
  const {at, samples} = state;
  const {sessions, server} = samples;
  const trouble = troubleOf(sessions, at);
  // While the server does not answer, the row above says so, and the last known state of the services is out of date.
  if (trouble && server.state !== 'ok') return [];
  if (trouble) {
    return [
      {
        ...NOTHING_KNOWN,
        key: 'services',
        name: sanitise('services'),
        ...lastError(sessions),
        ...trouble,
        severity: 'warn',
      },
    ];
  }
  const home = server.rows[0]?.database;
  const present = sessions.rows.map(row => serviceRow(row, state, home));
  return [...present, ...(state.gone ?? []).map(one => goneRow(one, state, home))];
}

/** A service that was there and is no more: it keeps its row. */
function goneRow(gone: GoneService, state: State, home: SafeText | undefined): HealthRow {
  const {key, service, database, since} = gone;
  const away = goneFor(state, gone);
  return {
    ...NOTHING_KNOWN,
    key: `service:${key}`,
    name: nameOf(service, database, home),
    severity: away !== undefined && away.times > 1 ? 'warn' : 'ok',
    state: 'gone',
    lastError: undefined,
    since,
    note: sanitise(`gone ${age((state.at - since) / 1e6)}${away === undefined ? ', the market is closed' : ''}`),
  };
}

const nameOf = (service: SafeText, database: SafeText, home: SafeText | undefined): SafeText =>
  home === undefined || database === home ? service : sanitise(`${database}: ${service}`);

function serviceRow(row: SessionsRow, {at, about}: State, home: SafeText | undefined): HealthRow {
  const blocked = judgeBy(row.blockedSeconds, limitsIn(about, 'blocked', LIMITS.blocked), undefined);
  const idle = judgeBy(row.idleInTransactionSeconds, limitsIn(about, 'idle_tx', LIMITS.idleInTransaction), undefined);
  const [state, seconds] =
    row.blockedSeconds > 0
      ? (['blocked', row.blockedSeconds] as const)
      : row.idleInTransaction > 0
        ? (['idle in tx', row.idleInTransactionSeconds] as const)
        : ([row.untracked > 0 ? 'not tracked' : row.active > 0 ? 'active' : 'idle', undefined] as const);
  const known = row.untracked < row.sessions;
  return {
    key: `service:${row.database}/${row.service}`,
    name: nameOf(row.service, row.database, home),
    kind: 'service',
    severity: worse(worse(blocked, idle), row.untracked > 0 ? 'warn' : 'ok'),
    state,
    inUse: known ? row.active + row.idleInTransaction : undefined,
    idle: known ? row.idle : undefined,
    waiting: row.waiting,
    max: undefined,
    latencyMs: undefined,
    lastError: undefined,
    lastErrorAt: undefined,
    since: seconds === undefined ? undefined : at - seconds * 1e6,
    note: sanitise(serviceFacts(row).join(', ')),
  };
}

function prefect({at, samples, pools}: State): HealthRow {
  const row = samples.prefect.rows[0];
  const counts =
    row &&
    ([
      [row.lateRuns, 'late'],
      [row.runningRuns, 'running'],
      [row.failedRuns, 'failed in 24h'],
    ] as const);
  const note = !row
    ? ''
    : !row.initialised
      ? 'Prefect has not made its tables yet'
      : (counts ?? []).map(([n, what]) => `${n} ${what}`).join(', ');
  return {
    key: 'database:prefect',
    name: sanitise('prefect'),
    kind: 'database',
    severity: row && row.lateRuns > 0 ? 'warn' : 'ok',
    state: row && !row.initialised ? 'no tables' : row && row.lateRuns > 0 ? 'late runs' : 'ok',
    ...pools.prefect,
    latencyMs: row?.latencyMs,
    ...lastError(samples.prefect),
    since: undefined,
    note: sanitise(note),
    ...troubleOf(samples.prefect, at),
  };
}

function redis({at, about, samples}: State): HealthRow {
  const row = samples.redis.rows[0];
  const memory =
    row && row.maxMemoryBytes > 0
      ? judgeBy(row.memoryBytes / row.maxMemoryBytes, limitsIn(about, 'redis_memory', LIMITS.redisMemory), undefined)
      : 'ok';
  const troubled = within(at, row?.lastEvictionAt, LIMITS.recent) || within(at, row?.lastCutAt, LIMITS.recent);
  const cuts = row?.outputBufferCuts ? `, ${row.outputBufferCuts} disconnected` : '';
  return {
    key: 'redis',
    name: sanitise('redis'),
    kind: 'redis',
    severity: worse(memory, troubled ? 'warn' : 'ok'),
    state: memory !== 'ok' ? 'full' : troubled ? 'evicting' : 'ok',
    ...NO_COUNTS,
    inUse: row?.clients,
    latencyMs: row?.latencyMs,
    ...lastError(samples.redis),
    since: row && at - row.uptimeSeconds * 1e6,
    note: row && sanitise(`${plural(row.subscribers, 'subscriber')}, ${row.evicted} evicted${cuts}`),
    ...troubleOf(samples.redis, at),
  };
}

function bus({at, bus: {link, perMinute, missed, rejected}}: State): HealthRow {
  const retry =
    link.retryAt !== undefined && link.retryAt > at ? `, retry in ${age(Math.ceil((link.retryAt - at) / 1e6))}` : '';
  const ready = link.state === 'ready';
  return {
    key: 'bus',
    name: sanitise('bus'),
    kind: 'bus',
    severity: ready ? 'ok' : link.state === 'connecting' ? 'warn' : 'crit',
    state: ready ? 'ok' : link.state,
    ...NO_COUNTS,
    latencyMs: link.latencyMs,
    lastError: link.error,
    lastErrorAt: undefined,
    since: link.since,
    note: sanitise(
      ready
        ? `${Math.round(perMinute)}/min, ${missed} missed, ${rejected} rejected`
        : `${plural(link.drops, 'drop')}${retry}`,
    ),
  };
}
