import {Redis} from 'ioredis';
import pg from 'pg';
import {afterAll, afterEach, beforeAll, beforeEach, describe, test} from 'vitest';
import {parseRedisUrl} from '../../src/core/redis-url.ts';
import type {RedisServer} from '../../src/demo/redis.ts';
import {openPg, type Pg} from '../../src/io/pg.ts';
import {loadSql} from '../../src/io/sql.ts';
import {type SyncService, startSync} from '../../src/sync/service.ts';
import {cloneDesk, targetOf} from '../helpers/desk.ts';
import {startFlow} from '../helpers/desk-flow.ts';
import {startProxy} from '../helpers/proxy.ts';
import {type Database, ownRedis} from '../helpers/servers.ts';
import {waitFor} from '../helpers/wait.ts';

const QUICK = {beat: 100, fill: 100, sweep: 60_000, fullSweep: 60_000, settle: 30_000, performance: 60_000};
const SILENT = {info: () => {}, warn: () => {}, error: () => {}};

let redis: RedisServer;
let desk: Database;
let pool: pg.Pool;
let bus: Redis;
let db: Pg;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  redis = await ownRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  desk = await cloneDesk();
  pool = new pg.Pool({...desk.config, max: 2});
  db = openPg(targetOf(desk), loadSql(), {name: 'sync test', max: 1, lockMs: 10_000});
  bus = new Redis(redis.url);
  bus.on('error', () => {});
  await bus.flushall();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  bus.disconnect();
  await db.close();
  await pool.end();
  await desk.drop();
});

describe.each(['pubsub', 'streams'] as const)('trades, positions and prices by %s', mode => {
  const start = (worker: string, port = desk.config.port, url = redis.url): SyncService => {
    const service = startSync({
      mode,
      trading: {...targetOf(desk), port},
      redis: parseRedisUrl(url),
      sql: loadSql(),
      log: SILENT,
      worker,
      times: QUICK,
    });
    cleanups.push(() => service.stop(3000));
    return service;
  };
  const well = (service: SyncService) =>
    waitFor(
      'the service to be well',
      async () => {
        const {rows} = await pool.query('SELECT filled_at IS NOT NULL AS filled FROM analytics.sync_gaps');
        return service.trouble() === undefined && rows.length > 0 && rows.every(row => row.filled);
      },
      30_000,
    );

  test('are made up for when both paths are dead and look alive', {timeout: 120_000}, async () => {
    const [toRedis, toPg] = await Promise.all([startProxy(redis), startProxy(desk.config)]);
    cleanups.push(toRedis.close, toPg.close);
    const service = start('one', toPg.port, redis.url.replace(`:${redis.port}/`, `:${toRedis.port}/`));
    await well(service);
    const flow = startFlow({pool, bus, mode, seed: 3});
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
