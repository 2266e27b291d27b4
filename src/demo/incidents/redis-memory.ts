import {withRedis} from '../../io/redis.ts';
import type {Incident} from './incident.ts';

const NAME = 'tradetop demo incident';
/** Redis frees a value within the command: one of 32 MB is a slow one then, which is an alert of its own for a minute. */
const BALLAST = Array.from({length: 32}, (_, i) => `demo:ballast:${i}`);
const PIECE_BYTES = 1024 * 1024;
/** The share of the limit that is used. */
const USED = 0.96;

/** Redis is close to its memory limit. */
export const redisMemory: Incident = {
  name: 'redis-memory',
  does: 'keys grow until Redis is close to its memory limit',
  endedBy: 'no key: what fills Redis is for its owner to delete, or maxmemory to raise',
  alerts: ['redis_memory'],
  begin: async ({redis}) => {
    const piece = Buffer.alloc(PIECE_BYTES, 'x');
    await withRedis(redis, NAME, async client => {
      for (const key of BALLAST) await client.call('SET', key, piece);
    });
    // On another connection: the memory of the first one's buffers is free again.
    await withRedis(redis, NAME, async client => {
      const used = /^used_memory:(\d+)/m.exec(String(await client.call('INFO', 'memory')))?.[1];
      await client.call('CONFIG', 'SET', 'maxmemory', String(Math.round(Number(used) / USED)));
    });
    return () =>
      withRedis(redis, NAME, async client => {
        await client.call('CONFIG', 'SET', 'maxmemory', '0');
        for (const key of BALLAST) await client.call('DEL', key);
      });
  },
};
