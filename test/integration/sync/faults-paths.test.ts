import {beforeEach, describe, test} from 'vitest';
import type {Pg} from '../../../src/io/pg.ts';
import {startFlow} from '../../helpers/desk/desk-flow.ts';
import {rigEachTest} from '../../helpers/desk/sync-rig.ts';
import {startProxy} from '../../helpers/servers/proxy.ts';

const rig = rigEachTest();
const {cleanups, filled} = rig;
let db: Pg;
beforeEach(() => {
  db = rig.open({name: 'sync test', max: 1, lockMs: 10_000});
});

describe.each(['pubsub', 'streams'] as const)('trades, positions and prices by %s', mode => {
  test('are recovered when the paths to both servers are dead and look alive', async () => {
    const [toRedis, toPg] = await Promise.all([startProxy(rig.redis), startProxy(rig.desk.config)]);
    cleanups.push(toRedis.close, toPg.close);
    const service = rig.start({mode, pgPort: toPg.port, redisPort: toRedis.port});
    await filled(service);
    const flow = startFlow({pool: rig.pool, bus: rig.bus, mode, seed: 3});
    await flow.step(20);
    await flow.synced();
    await Promise.all([toRedis.set('frozen'), toPg.set('frozen')]);
    await flow.step(20);
    await flow.synced();
    await flow.step(20);
    await flow.synced();
    await flow.rebuilt(db);
  });
});
