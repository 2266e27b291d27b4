import {randomUUID} from 'node:crypto';

/** What the cache needs of an ioredis client: standalone, Sentinel or Cluster. */
export type CacheRedis = {
  readonly get: (key: string) => Promise<string | null>;
  readonly set: (key: string, value: string, unit: 'PX', ms: number, when: 'NX') => Promise<'OK' | null>;
  readonly del: (...keys: string[]) => Promise<number>;
  readonly eval: (script: string, keys: number, ...args: (string | number)[]) => Promise<unknown>;
};

/** The cache in Redis, asked within bounds. Nothing rejects: `undefined` says that Redis did not answer in time. */
export type CacheStore = {
  /** The text of a key; null: there is none. */
  readonly read: (key: string) => Promise<string | null | undefined>;
  /** Takes the key's lock for `ms`; gives its token, or null: somebody else loads. */
  readonly lock: (key: string, ms: number) => Promise<string | null | undefined>;
  /** Writes a text and gives the lock back; only where the lock is still ours: nothing was invalidated meanwhile. */
  readonly write: (key: string, token: string, text: string, ttlMs: number) => Promise<unknown>;
  /** Gives the lock back. */
  readonly unlock: (key: string, token: string) => Promise<unknown>;
  /** Forgets keys, and makes what is being loaded of them unfit to be written. True: Redis has done it. */
  readonly remove: (keys: readonly string[]) => Promise<boolean>;
  /** Answers that did not come since the start. */
  readonly errors: () => number;
};

/** Every key of the cache begins with it. */
const PREFIX = 'tradetop:cache:';
/** After an answer that did not come Redis is left alone for so long, so that not every call waits for it. */
const PAUSE_MS = 1000;

const WRITE =
  "if redis.call('get', KEYS[2]) == ARGV[1] then redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3]) return redis.call('del', KEYS[2]) end return 0";
const UNLOCK = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0";

/** `answerMs`: the longest wait for one answer. */
export function createCacheStore(redis: CacheRedis, answerMs: number): CacheStore {
  let [pausedUntil, errors] = [0, 0];
  const ask = async <T>(command: () => Promise<T>): Promise<T | undefined> => {
    if (performance.now() < pausedUntil) {
      errors++;
      return undefined;
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no answer in time')), answerMs);
    });
    try {
      return await Promise.race([command(), late]);
    } catch {
      errors++;
      pausedUntil = performance.now() + PAUSE_MS;
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    read: key => ask(() => redis.get(valueKey(key))),
    lock: async (key, ms) => {
      const token = randomUUID();
      const answer = await ask(() => redis.set(lockKey(key), token, 'PX', Math.ceil(ms), 'NX'));
      return answer === 'OK' ? token : answer;
    },
    write: (key, token, text, ttlMs) =>
      ask(() => redis.eval(WRITE, 2, valueKey(key), lockKey(key), token, text, Math.max(1, Math.ceil(ttlMs)))),
    unlock: (key, token) => ask(() => redis.eval(UNLOCK, 1, lockKey(key), token)),
    remove: async keys => {
      const removed = await Promise.all(keys.map(key => ask(() => redis.del(valueKey(key), lockKey(key)))));
      return !removed.includes(undefined);
    },
    errors: () => errors,
  };
}

// Both keys of an entry lie in one slot of a Cluster: what stands in braces decides it.
const valueKey = (key: string): string => `${PREFIX}{${escaped(key)}}`;
const lockKey = (key: string): string => `${valueKey(key)}:lock`;
const escaped = (key: string): string => key.replace(/[{}%\s\0]/g, character => encodeURIComponent(character));
