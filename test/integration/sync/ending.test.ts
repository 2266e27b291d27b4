import pg from 'pg';
import {afterAll, beforeAll, expect, test, vi} from 'vitest';
import type {RedisServer} from '../../../src/demo/redis.ts';
import {cloneDesk} from '../../helpers/desk/desk.ts';
import {spawnSync} from '../../helpers/desk/sync-child.ts';
import {type Database, ownRedis} from '../../helpers/servers/servers.ts';
import {LONG_TEST_MS, SYNC_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

vi.setConfig({testTimeout: LONG_TEST_MS, hookTimeout: LONG_TEST_MS});

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

test('a service that has committed everything exits with 0 although its repair still waits for a lock', async () => {
  const [holder, observer] = [new pg.Client(desk.config), new pg.Client(desk.config)];
  await Promise.all([holder.connect(), observer.connect()]);
  await holder.query('BEGIN; LOCK TABLE execution.trades IN ACCESS EXCLUSIVE MODE');
  const child = spawnSync(desk, desk.config.port, redis.url);
  try {
    const isWaiting = async (): Promise<boolean> => {
      const {rowCount} = await observer.query(
        `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'sync/(missing|rowless)_trades'`,
      );
      return rowCount === 1;
    };
    await waitFor('the repair to wait for the table’s lock', isWaiting, SYNC_MS);
    child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    expect(child.log()).toContain('"drained":true');
  } finally {
    child.kill('SIGKILL');
    await Promise.all([holder.end(), observer.end()]);
  }
});
