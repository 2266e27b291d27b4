import {openRedis, type RedisClient} from '../../io/redis.ts';
import type {Incident} from './incident.ts';

const KEY = 'demo:ballast';
const BALLAST_BYTES = 32 * 1024 * 1024;
/** The share of the limit that is used. */
const USED = 0.96;

/** Redis is close to its memory limit. */
export const redisMemory: Incident = {
  name: 'redis-memory',
  does: 'a key grows until Redis is close to its memory limit',
  alerts: ['redis_memory'],
  begin: async ({redis}) => {
    const on = async (work: (client: RedisClient) => Promise<unknown>): Promise<void> => {
      const client = openRedis(redis, {name: 'tradetop demo incident', offline: 'wait'});
      await work(client).finally(() => client.disconnect());
    };
    await on(client => client.call('SET', KEY, Buffer.alloc(BALLAST_BYTES, 'x')));
    // On another connection: the memory of the first one's buffers is free again.
    await on(async client => {
      const used = /^used_memory:(\d+)/m.exec(String(await client.call('INFO', 'memory')))?.[1];
      await client.call('CONFIG', 'SET', 'maxmemory', String(Math.round(Number(used) / USED)));
    });
    return () =>
      on(async client => {
        await client.call('CONFIG', 'SET', 'maxmemory', '0');
        await client.call('DEL', KEY);
      });
  },
};
