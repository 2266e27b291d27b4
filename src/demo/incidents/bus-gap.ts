import {openRedis, type RedisClient} from '../../io/redis.ts';
import type {Incident} from './incident.ts';

/** Redis refuses the synchroniser's user, so that it misses events. */
export const busGap: Incident = {
  name: 'bus-gap',
  does: 'Redis refuses the user of the synchroniser, which misses events',
  alerts: ['sync_deaf'],
  begin: async ({redis}) => {
    const on = async (work: (client: RedisClient) => Promise<unknown>): Promise<void> => {
      const client = openRedis(redis, {name: 'tradetop demo incident', offline: 'wait'});
      await work(client).finally(() => client.disconnect());
    };
    await on(async client => {
      await client.call('ACL', 'SETUSER', 'sync', 'off');
      await client.call('CLIENT', 'KILL', 'USER', 'sync');
    });
    return () => on(client => client.call('ACL', 'SETUSER', 'sync', 'on'));
  },
};
