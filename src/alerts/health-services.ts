import {age} from '../core/format.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {worstOf} from '../core/severity.ts';
import type {GoneService, State} from '../model/state.ts';
import type {SessionsRow} from '../monitor/sessions.ts';
import {type HealthRow, lastErrorOfSource, NOTHING_KNOWN, sourceTrouble} from './health-row.ts';
import {judgeBy, LIMITS, limitsIn} from './limits.ts';
import {poolSeverity, poolsOfService, poolWords, type ServicePools, servicePools} from './published-pools.ts';
import {serviceFacts} from './sessions.ts';
import {goneFor} from './silence.ts';

/** A row for each service with sessions, for each that is gone, and for each pool without a session here. */
export function serviceRows(state: State): readonly HealthRow[] {
  const {at, samples} = state;
  const {sessions, server} = samples;
  const trouble = sourceTrouble(sessions, at);
  // While the server does not answer, the row above says so, and the last known state of the services is out of date.
  if (trouble && server.state !== 'ok') return [];
  if (trouble) {
    return [
      {
        ...NOTHING_KNOWN,
        key: 'services',
        name: sanitise('services'),
        ...lastErrorOfSource(sessions),
        ...trouble,
        severity: 'warn',
      },
    ];
  }
  const home = server.rows[0]?.database;
  const pools = servicePools(state);
  const present = sessions.rows.map(row => withPool(serviceRow(row, state, home), row, state, pools));
  const away = (state.gone ?? []).map(one => goneRow(one, state, home));
  const unseen = pools.filter(one => !sessions.rows.some(row => poolsOfService([one], row.service)));
  return [...present, ...away, ...unseen.map(one => poolRow(one, state))];
}

/** A service's row with what it publishes of its own pool. */
function withPool(row: HealthRow, {service}: SessionsRow, state: State, pools: readonly ServicePools[]): HealthRow {
  const pool = poolsOfService(pools, service);
  if (pool === undefined) return row;
  const full = poolSeverity(state, pool);
  return {
    ...row,
    severity: worstOf(row.severity, full),
    ...(full === 'ok' || row.state === 'blocked' ? {} : {state: 'pool full', since: pool.since}),
    waiting: (row.waiting ?? 0) + pool.waiting,
    max: pool.max,
    note: sanitise([row.note, poolWords(pool)].filter(Boolean).join(', ')),
  };
}

/** The pool of a service that has no session here: it is idle, or connected to another server. */
const poolRow = (pool: ServicePools, state: State): HealthRow => ({
  ...NOTHING_KNOWN,
  key: `published:${pool.service}`,
  name: pool.service,
  kind: 'pool',
  severity: poolSeverity(state, pool),
  state: poolSeverity(state, pool) === 'ok' ? 'ok' : 'pool full',
  inUse: pool.inUse,
  idle: pool.size - pool.inUse,
  waiting: pool.waiting,
  max: pool.max,
  lastError: undefined,
  since: pool.since,
  note: sanitise('published by the service; no session here'),
});

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

function serviceRow(row: SessionsRow, {at, limits}: State, home: SafeText | undefined): HealthRow {
  const blocked = judgeBy(row.blockedSeconds, limitsIn({limits}, 'blocked', LIMITS.blocked), undefined);
  const idle = judgeBy(
    row.idleInTransactionSeconds,
    limitsIn({limits}, 'idle_tx', LIMITS.idleInTransaction),
    undefined,
  );
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
    severity: worstOf(blocked, idle, row.untracked > 0 ? 'warn' : 'ok'),
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
