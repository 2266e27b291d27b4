import {deskKinds} from '../bus/decode.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import {grew} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import type {SlowEntry} from './redis-io.ts';

/** What the console saw happen to the server, by its own clock; undefined: not yet. */
type RedisEvents = {
  readonly restartedAt: Micros | undefined;
  readonly lastEvictionAt: Micros | undefined;
  /** Redis cut off a client that read too slowly. */
  readonly lastCutAt: Micros | undefined;
  readonly lastSlowAt: Micros | undefined;
  readonly replicaLostAt: Micros | undefined;
};

/** What the next fold needs of a reading. @internal */
export type RedisMemory = {
  readonly runId: string;
  readonly evicted: number;
  readonly cuts: number | undefined;
  readonly slowId: number | undefined;
  /** The most replicas seen. */
  readonly replicas: number;
  readonly events: RedisEvents;
};

type Measured = {
  /** Undefined: there is none, or our user may not read it. */
  readonly slow?: SlowEntry | undefined;
  /** Subscribers on the desk's three channels together, plus the server's patterns, each counted once. */
  readonly subscribers: number;
  /** Round trip of a PING, in milliseconds. */
  readonly latencyMs: number;
};

/** The Redis server behind the bus. */
export type RedisRow = Readonly<ReturnType<typeof foldRedis>['row']>;

/** The fields of INFO, by name. @internal */
export function parseInfo(info: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of info.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return fields;
}

/**
 * Makes the row from INFO and the reading before it. `at`: our clock. Valkey reports its own version beside that of
 * Redis.
 * @internal
 */
export function foldRedis(before: RedisMemory | undefined, info: string, measured: Measured, at: Micros) {
  const fields = parseInfo(info);
  const maybe = (name: string): number | undefined => {
    const value = Number.parseInt(fields.get(name) ?? '', 10);
    return Number.isNaN(value) ? undefined : value;
  };
  const count = (name: string): number => maybe(name) ?? 0;
  const runId = fields.get('run_id') ?? '';
  const evicted = count('evicted_keys');
  const cuts = maybe('client_output_buffer_limit_disconnections');
  const replicas = count('connected_slaves');
  const most = before?.runId === runId ? Math.max(replicas, before.replicas) : replicas;
  const {slow, ...shown} = measured;
  const events: RedisEvents = {
    restartedAt: before && before.runId !== runId ? at : before?.events.restartedAt,
    lastEvictionAt: grew(before?.evicted, evicted) ? at : before?.events.lastEvictionAt,
    lastCutAt: grew(before?.cuts, cuts) ? at : before?.events.lastCutAt,
    lastSlowAt: before && slow !== undefined && slow.id !== before.slowId ? at : before?.events.lastSlowAt,
    replicaLostAt: replicas < most ? (before?.events.replicaLostAt ?? at) : undefined,
  };
  const memory: RedisMemory = {runId, evicted, cuts, slowId: slow?.id, replicas: most, events};
  return {
    memory,
    row: {
      version: sanitise(fields.get('valkey_version') ?? fields.get('redis_version') ?? 'unknown', 40),
      role: sanitise(fields.get('role') ?? 'unknown', 20),
      uptimeSeconds: count('uptime_in_seconds'),
      clients: count('connected_clients'),
      memoryBytes: count('used_memory'),
      /** 0: no limit. */
      maxMemoryBytes: count('maxmemory'),
      /** Keys evicted since the start. */
      evicted,
      /** Clients cut off because they read too slowly; undefined on servers that do not count them. */
      outputBufferCuts: cuts,
      /** Of the client that reads most slowly, recently; undefined on servers that do not say. */
      largestBufferBytes: maybe('client_recent_max_output_buffer'),
      /** The most memory that it has used. */
      peakBytes: maybe('used_memory_peak'),
      blockedClients: maybe('blocked_clients'),
      commandsPerSecond: maybe('instantaneous_ops_per_sec'),
      ...filesOf(fields, maybe),
      /** Slow commands that were logged since the start; undefined: there is none, or our user may not read them. */
      slowCount: slow && slow.id + 1,
      replicas,
      persistence: persistenceTrouble(fields),
      replication: replicationTrouble(fields),
      lastSlow: slow && sanitise(slow.text, 200),
      ...shown,
      ...events,
    },
  };
}

/** How Redis keeps its data; undefined where it does not say. */
function filesOf(fields: ReadonlyMap<string, string>, maybe: (name: string) => number | undefined) {
  const savedAt = maybe('rdb_last_save_time');
  return {
    savedAt: savedAt === undefined ? undefined : savedAt * 1e6,
    unsavedChanges: maybe('rdb_changes_since_last_save'),
    appendOnly: fields.has('aof_enabled') ? fields.get('aof_enabled') === '1' : undefined,
  };
}

/** What is wrong with its files; undefined: nothing. */
function persistenceTrouble(fields: ReadonlyMap<string, string>): SafeText | undefined {
  if (fields.get('loading') === '1') return sanitise('it reads its files and answers nothing else');
  const failed = [
    ['rdb_last_bgsave_status', 'the last snapshot failed'],
    ['aof_last_bgrewrite_status', 'the append-only file could not be rewritten'],
    ['aof_last_write_status', 'the append-only file cannot be written'],
  ].flatMap(([field = '', what]) => ((fields.get(field) ?? 'ok') === 'ok' ? [] : [what]));
  return failed.length === 0 ? undefined : sanitise(failed.join(', '));
}

/** What is wrong with a replica's link to its master; undefined: nothing, or it is no replica. */
function replicationTrouble(fields: ReadonlyMap<string, string>): SafeText | undefined {
  const link = fields.get('master_link_status');
  return fields.get('role') !== 'slave' || link === undefined || link === 'up'
    ? undefined
    : sanitise(`it is a replica whose link to its master is ${link}`, 80);
}

/** The Redis server behind the bus. */
export const redisPoller: Poller<{redis: RedisRow}> = {
  ids: ['redis'],
  everyMs: 1000,
  timeoutMs: TIMEOUT_MS,
  sql: [],
  deltas: false,
  reader: () => {
    let before: RedisMemory | undefined;
    const channels = deskKinds.map(kind => kind.channel);
    return async (io, _, clock) => {
      const start = clock.ticks();
      await io.redis.ping();
      const latencyMs = clock.ticks() - start;
      const [info, subscribers, slow] = await Promise.all([
        io.redis.info(),
        io.redis.subscribers(channels),
        io.redis.lastSlow(),
      ]);
      const folded = foldRedis(before, info, {subscribers, latencyMs, slow}, clock.now());
      before = folded.memory;
      return {redis: [folded.row]};
    };
  },
};
