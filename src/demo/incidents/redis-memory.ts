import {withRedis} from '../../io/redis.ts';
import type {Incident} from './incident.ts';

const NAME = 'tradetop demo incident';
const KEY = 'demo:ballast';
const BALLAST_BYTES = 32 * 1024 * 1024;
/** The share of the limit that is used. */
const USED = 0.96;

/** Redis is close to its memory limit. */
export const redisMemory: Incident = {
  name: 'redis-memory',
  does: 'a key grows until Redis is close to its memory limit',
  endedBy: 'no key: what fills Redis is for its owner to delete, or maxmemory to raise',
  alerts: ['redis_memory'],
  begin: async ({redis}) => {
    await withRedis(redis, NAME, client => client.call('SET', KEY, Buffer.alloc(BALLAST_BYTES, 'x')));
    // On another connection: the memory of the first one's buffers is free again.
    await withRedis(redis, NAME, async client => {
      const used = /^used_memory:(\d+)/m.exec(String(await client.call('INFO', 'memory')))?.[1];
      await client.call('CONFIG', 'SET', 'maxmemory', String(Math.round(Number(used) / USED)));
    });
    return () =>
      withRedis(redis, NAME, async client => {
        await client.call('CONFIG', 'SET', 'maxmemory', '0');
        // Its memory is freed beside the commands: a DEL of so much is one of the slow ones, which is an alert of its own.
        await client.call('UNLINK', KEY);
      });
  },
};
