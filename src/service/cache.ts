import {setTimeout as delay} from 'node:timers/promises';
import {type CacheRedis, type CacheStore, createCacheStore} from './cache-store.ts';
import type {CacheCounts} from './publish-metrics.ts';

export type CachedOptions<T> = {
  /** What is cached: `portfolio:ACC-01`. */
  readonly key: string;
  /** How long a value counts, in milliseconds; up to a tenth less, so that not all end at once. */
  readonly ttl: number;
  /**
   * Loads the value, which must be JSON: what is read from the cache was written as JSON. It may run in several processes at
   * a time, where Redis or the load is slow. `signal` aborts at the end of `loadMs`.
   */
  readonly load: (signal: AbortSignal) => Promise<T>;
  /** How long the answer that there is nothing (undefined or null) counts, in milliseconds. Default: `ttl`, at most 5,000. */
  readonly negativeTtl?: number;
  /** Longest that a load may take, and that it is waited for where another process loads, in milliseconds. Default: 10,000. */
  readonly loadMs?: number;
  /** Refuses, by throwing, a cached value that is not what it should be; it is then loaded. Default: every JSON counts. */
  readonly parse?: (value: unknown) => T;
  /** The name under which hits and misses are counted. Default: the key up to its first colon. */
  readonly cache?: string;
};

/** A load took longer than it may. */
export class LoadTimeoutError extends Error {
  constructor(key: string, ms: number) {
    super(`loading ${key} took longer than ${ms} ms`);
    this.name = 'LoadTimeoutError';
  }
}

const REDIS_MS = 100;
const LOAD_MS = 10_000;
const NEGATIVE_MS = 5000;
const POLL_MS = 25;
/** A longer value is not kept. */
const MOST_TEXT = 1_048_576;
const MOST_NAMES = 50;

type Counts = {hits: number; misses: number; errors: number};
type Cache = {
  readonly store: CacheStore;
  /** What is being loaded in this process. */
  readonly flights: Map<string, Promise<Loaded>>;
  readonly counts: Map<string, Counts>;
};

/** A value with its text; without one it cannot be kept. */
type Loaded = {readonly text: string} | {readonly value: unknown};

const caches = new WeakMap<CacheRedis, Cache>();

function cacheOf(redis: CacheRedis): Cache {
  const known = caches.get(redis);
  if (known) return known;
  const made: Cache = {store: createCacheStore(redis, REDIS_MS), flights: new Map(), counts: new Map()};
  caches.set(redis, made);
  return made;
}

/**
 * Reads a value through the cache: from Redis, else by `load`, which runs once a key in all processes together while Redis
 * answers, and once in this process while it does not. A load that fails rejects for all who wait for it, and nothing is kept of it. A Redis
 * that is away, full or refuses costs a miss: never an error, and no wait longer than 100 ms for each of at most three answers, one
 * call a second. A value that is invalidated while it is loaded is given to those who wait, and not kept.
 */
export async function cached<T>(redis: CacheRedis, options: CachedOptions<T>): Promise<T> {
  const cache = cacheOf(redis);
  const {key, cache: name = key.split(':', 1)[0] as string} = options;
  const counts = countsOf(cache, name);
  const errors = cache.store.errors();
  const joined = cache.flights.get(key);
  const flight = joined ?? start(cache, options as CachedOptions<unknown>, counts);
  if (joined) counts.hits++;
  const loaded = await flight;
  if (!joined) counts.errors += Math.min(1, cache.store.errors() - errors);
  // Each caller has a value of its own, the same after a hit and after a miss.
  if (!('text' in loaded)) return loaded.value as T;
  return readText(loaded.text, options) as T;
}

/** Forgets keys, as what they stand for has changed. False: Redis did not do it, and a value may count until its time is over. */
export async function invalidateCached(redis: CacheRedis, keys: readonly string[]): Promise<boolean> {
  const {flights, store} = cacheOf(redis);
  // Whoever asks from now on must not get what was read before.
  for (const key of keys) flights.delete(key);
  return store.remove(keys);
}

/** The counts of a client's caches since the last call, by name: for `publishMetrics`. */
export function takeCacheCounts(redis: CacheRedis): readonly CacheCounts[] {
  const {counts} = cacheOf(redis);
  const taken = [...counts].map(([cache, of]) => ({cache, ...of}));
  counts.clear();
  return taken.filter(({hits, misses, errors}) => hits + misses + errors > 0);
}

function countsOf({counts}: Cache, name: string): Counts {
  const key = counts.has(name) || counts.size < MOST_NAMES ? name.slice(0, 100) || 'cache' : 'others';
  const known = counts.get(key);
  if (known) return known;
  const made = {hits: 0, misses: 0, errors: 0};
  counts.set(key, made);
  return made;
}

function start(cache: Cache, options: CachedOptions<unknown>, counts: Counts): Promise<Loaded> {
  const {flights} = cache;
  const flight = readThrough(cache.store, options, counts).finally(() => {
    if (flights.get(options.key) === flight) flights.delete(options.key);
  });
  flights.set(options.key, flight);
  return flight;
}

async function readThrough(store: CacheStore, options: CachedOptions<unknown>, counts: Counts): Promise<Loaded> {
  const {key, loadMs = LOAD_MS} = options;
  const until = performance.now() + loadMs;
  for (;;) {
    const text = await store.read(key);
    if (typeof text === 'string' && fits(text, options)) {
      counts.hits++;
      return {text};
    }
    const token = text === undefined ? undefined : await store.lock(key, loadMs + 1000);
    if (typeof token === 'string') {
      counts.misses++;
      return loadAndKeep(store, options, token);
    }
    // Redis does not answer, or another process has loaded for too long.
    if (token === undefined || performance.now() > until) {
      counts.misses++;
      return kept(await load(options));
    }
    await delay(POLL_MS);
  }
}

async function loadAndKeep(store: CacheStore, options: CachedOptions<unknown>, token: string): Promise<Loaded> {
  const {key, ttl, negativeTtl = Math.min(ttl, NEGATIVE_MS)} = options;
  try {
    const value = await load(options);
    const loaded = kept(value);
    const ms = value === undefined || value === null ? negativeTtl : ttl;
    if ('text' in loaded && ms > 0) await store.write(key, token, loaded.text, ms * (1 - Math.random() / 10));
    else void store.unlock(key, token);
    return loaded;
  } catch (error) {
    void store.unlock(key, token);
    throw error;
  }
}

/** Throws what the load throws, or a LoadTimeoutError. */
async function load({key, load: run, loadMs = LOAD_MS}: CachedOptions<unknown>): Promise<unknown> {
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new LoadTimeoutError(key, loadMs);
      reject(error);
      over.abort(error);
    }, loadMs);
  });
  try {
    return await Promise.race([Promise.resolve().then(() => run(over.signal)), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A value as it is kept. What is no JSON (a BigInt, a ring) or too long is given as it is. */
function kept(value: unknown): Loaded {
  try {
    const text = JSON.stringify({value});
    return text.length > MOST_TEXT ? {value} : {text};
  } catch {
    return {value};
  }
}

/** Throws where the text is not what the cache wrote. */
function readText(text: string, {parse = value => value}: Pick<CachedOptions<unknown>, 'parse'>): unknown {
  const holder: unknown = JSON.parse(text);
  if (typeof holder !== 'object' || holder === null) throw new Error('not a value of the cache');
  const {value} = holder as {readonly value?: unknown};
  return value === undefined || value === null ? value : parse(value);
}

function fits(text: string, options: CachedOptions<unknown>): boolean {
  try {
    readText(text, options);
    return true;
  } catch {
    return false;
  }
}
