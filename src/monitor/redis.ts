import {sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import {grew} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import type {RedisRow} from './rows.ts';

const CHANNELS = ['data_sync:trades', 'data_sync:positions', 'data_sync:market_data'] as const;

/** What the next fold needs of a reading. @internal */
export type RedisMemory = {
  readonly runId: string;
  readonly evicted: number;
  readonly cuts: number | undefined;
  readonly restartedAt: Micros | undefined;
  readonly lastEvictionAt: Micros | undefined;
  readonly lastCutAt: Micros | undefined;
};

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
 * Makes the row of INFO and the reading before; `at`: our clock. Valkey tells its own version beside Redis's.
 * @internal
 */
export function foldRedis(
  before: RedisMemory | undefined,
  info: string,
  asked: Pick<RedisRow, 'subscribers' | 'latencyMs'>,
  at: Micros,
): {readonly row: RedisRow; readonly memory: RedisMemory} {
  const fields = parseInfo(info);
  const maybe = (name: string): number | undefined => {
    const value = Number.parseInt(fields.get(name) ?? '', 10);
    return Number.isNaN(value) ? undefined : value;
  };
  const count = (name: string): number => maybe(name) ?? 0;
  const runId = fields.get('run_id') ?? '';
  const evicted = count('evicted_keys');
  const cuts = maybe('client_output_buffer_limit_disconnections');
  const memory: RedisMemory = {
    runId,
    evicted,
    cuts,
    restartedAt: before && before.runId !== runId ? at : before?.restartedAt,
    lastEvictionAt: grew(before?.evicted, evicted) ? at : before?.lastEvictionAt,
    lastCutAt: grew(before?.cuts, cuts) ? at : before?.lastCutAt,
  };
  return {
    memory,
    row: {
      version: sanitise(fields.get('valkey_version') ?? fields.get('redis_version') ?? 'unknown', 40),
      role: sanitise(fields.get('role') ?? 'unknown', 20),
      uptimeSeconds: count('uptime_in_seconds'),
      clients: count('connected_clients'),
      memoryBytes: count('used_memory'),
      maxMemoryBytes: count('maxmemory'),
      evicted,
      outputBufferCuts: cuts,
      ...asked,
      restartedAt: memory.restartedAt,
      lastEvictionAt: memory.lastEvictionAt,
      lastCutAt: memory.lastCutAt,
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
    return async (io, _, clock) => {
      const start = clock.ticks();
      await io.redis.ping();
      const latencyMs = clock.ticks() - start;
      const [info, subscribers] = await Promise.all([io.redis.info(), io.redis.subscribers(CHANNELS)]);
      const folded = foldRedis(before, info, {subscribers, latencyMs}, clock.now());
      before = folded.memory;
      return {redis: [folded.row]};
    };
  },
};
