import type {MetricEvent} from '../bus/event.ts';
import {cachesKind} from '../bus/kinds/caches.ts';
import type {Digits} from '../core/decimal.ts';
import {keyText} from '../core/sanitise.ts';
import {nowMicros} from '../core/time.ts';
import type {Io, Raw} from '../io/io.ts';
import type {RedisClient} from '../io/redis.ts';
import {cached, takeCacheCounts} from '../service/cache.ts';
import {cacheKeys} from '../service/cache-keys.ts';
import {type CacheCounts, publishMetrics} from '../service/publish-metrics.ts';
import type {BusCounters} from '../store/bus-counters.ts';

/** What may be read through the cache, by statement, and for how long it counts, in milliseconds. */
const CACHED: Readonly<Record<string, {readonly key: string; readonly ttl: number}>> = {
  'monitor/market_data': {key: cacheKeys.marks, ttl: 5000},
  'monitor/portfolio': {key: cacheKeys.portfolios, ttl: 5000},
  'monitor/market_hours': {key: 'reference:market_hours', ttl: 60_000},
};

/**
 * The same queries, with the last marks, the portfolios and the market's hours read through the cache in Redis, which other
 * readers may have filled: their ages are up to the cached time too small.
 */
export const cachedIo = (io: Io, redis: RedisClient): Io => ({
  ...io,
  query: (sql, params, options) => {
    const entry = CACHED[sql];
    if (entry === undefined) return io.query(sql, params, options);
    return cached(redis, {...entry, load: async () => rowsIn(await io.query(sql, params, options)), parse: rowsIn});
  },
});

/** Rows as a server sends them. Throws where something else stands in the cache. */
function rowsIn(value: unknown): readonly Raw[] {
  const isRow = (row: unknown): boolean =>
    typeof row === 'object' && row !== null && Object.values(row).every(one => one === null || typeof one !== 'object');
  if (!Array.isArray(value) || !value.every(isRow)) throw new Error('no rows');
  return value as readonly Raw[];
}

/**
 * Counts what the caches did in this process, and gives what tells the bus of it: for a process that reads once. The count must not
 * come back to itself, so call that when nothing is counted any more.
 */
export function tellCaches(redis: RedisClient, counters: Pick<BusCounters, 'metric'>): () => Promise<void> {
  const counts = [...takeCacheCounts(redis)];
  for (const count of counts) counters.metric(cacheEvent(count));
  return () => publishMetrics(redis, {service: 'snapshot', caches: () => counts.splice(0)}).close();
}

/** What a cache did here, as if the bus had brought it. */
function cacheEvent({cache, hits, misses, errors}: CacheCounts): MetricEvent {
  const at = nowMicros();
  const digits = (n: number): Digits => String(n) as Digits;
  return {
    kind: 'caches',
    channel: cachesKind.channel,
    type: cachesKind.type,
    service: cachesKind.service,
    at,
    receivedAt: at,
    correlationId: undefined,
    data: {
      cache: keyText(cache),
      instance: keyText(String(process.pid)),
      hits: digits(hits),
      misses: digits(misses),
      errors: digits(errors),
    },
  };
}
