import {age, count, plural} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import {worstOf} from '../core/severity.ts';
import type {State} from '../model/state.ts';
import {type HealthRow, lastErrorOfSource, NO_COUNTS, NOTHING_KNOWN, sourceTrouble} from './health-row.ts';
import {serviceRows} from './health-services.ts';
import {judgeBy, LIMITS, limitsIn, within} from './limits.ts';

/** The rows of the health pane: trading, the services by name, Prefect, Redis, the bus. */
export function healthRows(state: State): readonly HealthRow[] {
  return [trading(state), ...serviceRows(state), prefect(state), redis(state), ...cache(state), bus(state)];
}

function trading({at, samples: {server}, pools, about, limits}: State): HealthRow {
  const row = server.rows[0];
  const share = row && row.maxConnections > 0 ? row.sessions / row.maxConnections : 0;
  const full = judgeBy(share, limitsIn({limits}, 'sessions_full', LIMITS.sessions), undefined);
  return {
    key: 'pool:trading',
    name: sanitise('trading'),
    kind: 'pool',
    severity: full,
    state: full === 'ok' ? 'ok' : 'full',
    ...pools.trading,
    latencyMs: row?.latencyMs,
    ...lastErrorOfSource(server),
    since: row?.startedAt,
    note: row ? sanitise(`${row.sessions}/${row.maxConnections} server`) : about.trading,
    ...sourceTrouble(server, at),
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
    ...lastErrorOfSource(samples.prefect),
    since: undefined,
    note: sanitise(note),
    ...sourceTrouble(samples.prefect, at),
  };
}

function redis({at, limits, samples}: State): HealthRow {
  const row = samples.redis.rows[0];
  const memory =
    row && row.maxMemoryBytes > 0
      ? judgeBy(row.memoryBytes / row.maxMemoryBytes, limitsIn({limits}, 'redis_memory', LIMITS.redisMemory), undefined)
      : 'ok';
  const troubled = within(at, row?.lastEvictionAt, LIMITS.recent) || within(at, row?.lastCutAt, LIMITS.recent);
  const cuts = row?.outputBufferCuts ? `, ${row.outputBufferCuts} disconnected` : '';
  return {
    key: 'redis',
    name: sanitise('redis'),
    kind: 'redis',
    severity: worstOf(memory, troubled ? 'warn' : 'ok'),
    state: memory !== 'ok' ? 'full' : troubled ? 'evicting' : 'ok',
    ...NO_COUNTS,
    inUse: row?.clients,
    latencyMs: row?.latencyMs,
    ...lastErrorOfSource(samples.redis),
    since: row && at - row.uptimeSeconds * 1e6,
    note: row && sanitise(`${plural(row.subscribers, 'subscriber')}, ${row.evicted} evicted${cuts}`),
    ...sourceTrouble(samples.redis, at),
  };
}

/** The caches that services use, together; no row where nobody published any. */
function cache({bus: {caches = []}}: State): readonly HealthRow[] {
  const [hits, misses, errors] = (['hits', 'misses', 'errors'] as const).map(of =>
    caches.reduce((sum, one) => sum + one[of], 0),
  ) as [number, number, number];
  const all = hits + misses;
  if (all === 0) return [];
  const share = `${Math.round((hits / all) * 100)} % of ${count(all)} from the cache`;
  return [
    {
      ...NOTHING_KNOWN,
      key: 'cache',
      name: sanitise('cache'),
      kind: 'cache',
      lastError: undefined,
      note: sanitise(`${share}, ${count(misses)} missed${errors > 0 ? `, ${count(errors)} without Redis` : ''}`),
    },
  ];
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
