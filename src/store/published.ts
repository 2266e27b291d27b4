import type {BusEvent, MetricEvent} from '../bus/event.ts';
import type {CacheEvent} from '../bus/kinds/caches.ts';
import type {PoolEvent} from '../bus/kinds/pools.ts';
import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {CacheTotals, PublishedPool} from '../model/bus-state.ts';

/** A pool of which nothing is heard for so long is not shown any more: its service sends a message every five seconds. */
const HEARD: Micros = 20_000_000;
const [MOST_POOLS, MOST_CACHES] = [200, 50];

/** What services publish of themselves: their pools as they are, and the counts of their caches since the console's start. */
export function createPublished() {
  const pools = new Map<string, PublishedPool>();
  const caches = new Map<SafeText, CacheTotals>();
  let [shownPools, shownCaches]: [readonly PublishedPool[], readonly CacheTotals[]] = [[], []];
  let dirty = false;
  const addPool = ({service, receivedAt: at, data}: BusEvent<'pools', PoolEvent>): void => {
    const {pool, instance} = data;
    const key = [service, pool, instance].join('\u001f');
    const before = pools.get(key);
    if (before === undefined && pools.size >= MOST_POOLS) return;
    const [size, inUse, waiting, max] = [Number(data.size), Number(data.inUse), Number(data.waiting), Number(data.max)];
    const waitingSince = waiting > 0 ? (before?.waitingSince ?? at) : undefined;
    pools.set(key, {service, pool, instance, size, inUse, waiting, max, at, waitingSince});
  };
  const addCache = ({receivedAt: at, data: {cache, ...data}}: BusEvent<'caches', CacheEvent>): void => {
    const before = caches.get(cache);
    if (before === undefined && caches.size >= MOST_CACHES) return;
    const {hits = 0, misses = 0, errors = 0} = before ?? {};
    caches.set(cache, {
      cache,
      hits: hits + Number(data.hits),
      misses: misses + Number(data.misses),
      errors: errors + Number(data.errors),
      at,
    });
  };
  return {
    add: (event: MetricEvent): void => {
      if (event.kind === 'pools') addPool(event);
      else addCache(event);
      dirty = true;
    },
    state: (now: Micros) => {
      for (const [key, {at}] of pools) if (now - at > HEARD) dirty = pools.delete(key);
      if (dirty) [shownPools, shownCaches] = [[...pools.values()], [...caches.values()]];
      dirty = false;
      return {published: shownPools, caches: shownCaches};
    },
  };
}
