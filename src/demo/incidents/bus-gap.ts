import {withRedis} from '../../io/redis.ts';
import {SYNC_USER} from '../demo-env.ts';
import type {Incident} from './incident.ts';

const NAME = 'tradetop demo incident';

/** Redis refuses the synchroniser's user, so that it misses events. */
export const busGap: Incident = {
  name: 'bus-gap',
  does: 'Redis refuses the user of the synchroniser, which misses events',
  endedBy: 'no key: Redis’ rights are Redis’ own; there ACL SETUSER … on',
  alerts: ['sync_deaf'],
  begin: async ({redis}) => {
    await withRedis(redis, NAME, async client => {
      await client.call('ACL', 'SETUSER', SYNC_USER, 'off');
      await client.call('CLIENT', 'KILL', 'USER', SYNC_USER);
    });
    return async () => void (await withRedis(redis, NAME, client => client.call('ACL', 'SETUSER', SYNC_USER, 'on')));
  },
};
