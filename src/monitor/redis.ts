import {deskKinds} from '../bus/decode.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import {grew} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';

/** What the console saw happen to the server, by its own clock; undefined: not yet. */
type RedisEvents = {
  readonly restartedAt: Micros | undefined;
  readonly lastEvictionAt: Micros | undefined;
  /** Redis cut off a client that read too slowly. */
  readonly lastCutAt: Micros | undefined;
};

/** What the next fold needs of a reading. @internal */
export type RedisMemory = {
  readonly runId: string;
  readonly evicted: number;
  readonly cuts: number | undefined;
  readonly events: RedisEvents;
};

type Measured = {
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
  const events: RedisEvents = {
    restartedAt: before && before.runId !== runId ? at : before?.events.restartedAt,
    lastEvictionAt: grew(before?.evicted, evicted) ? at : before?.events.lastEvictionAt,
    lastCutAt: grew(before?.cuts, cuts) ? at : before?.events.lastCutAt,
  };
  const memory: RedisMemory = {runId, evicted, cuts, events};
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
      ...measured,
      ...events,
    },
  };
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
      const [info, subscribers] = await Promise.all([io.redis.info(), io.redis.subscribers(channels)]);
      const folded = foldRedis(before, info, {subscribers, latencyMs}, clock.now());
      before = folded.memory;
      return {redis: [folded.row]};
    };
  },
};
