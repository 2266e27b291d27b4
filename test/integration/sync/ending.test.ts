import pg from 'pg';
import {afterAll, beforeAll, expect, test} from 'vitest';
import type {RedisServer} from '../../../src/demo/redis.ts';
import {cloneDesk} from '../../helpers/desk/desk.ts';
import {spawnSync} from '../../helpers/desk/sync-child.ts';
import {type Database, ownRedis} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

let redis: RedisServer;
let desk: Database;

beforeAll(async () => {
  redis = await ownRedis();
  desk = await cloneDesk();
});
afterAll(async () => {
  await desk.drop();
  await redis.stop();
});

test('a service that has committed everything ends with 0, though its repair still waits in the database', async () => {
  const [holder, looker] = [new pg.Client(desk.config), new pg.Client(desk.config)];
  await Promise.all([holder.connect(), looker.connect()]);
  await holder.query('BEGIN; LOCK TABLE execution.trades IN ACCESS EXCLUSIVE MODE');
  const child = spawnSync(desk, desk.config.port, redis.url);
  try {
    await waitFor(
      'the repair to wait for the table',
      async () =>
        (
          await looker.query(
            `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'sync/missing_accounts'`,
          )
        ).rowCount === 1,
      30_000,
    );
    child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    expect(child.log()).toContain('"drained":true');
  } finally {
    child.kill('SIGKILL');
    await Promise.all([holder.end(), looker.end()]);
  }
});
