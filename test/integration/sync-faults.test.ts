import {Redis} from 'ioredis';
import pg from 'pg';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {parseRedisUrl} from '../../src/core/redis-url.ts';
import type {RedisServer} from '../../src/demo/redis.ts';
import {STREAM} from '../../src/events/streams.ts';
import {openPg, type Pg} from '../../src/io/pg.ts';
import {loadSql} from '../../src/io/sql.ts';
import {type SyncService, startSync} from '../../src/sync/service.ts';
import {cloneDesk, targetOf} from '../helpers/desk.ts';
import {startFlow} from '../helpers/desk-flow.ts';
import {type Database, ownRedis} from '../helpers/servers.ts';
import {type Fate, startStatementProxy} from '../helpers/statement-proxy.ts';
import {type SyncChild, spawnSync} from '../helpers/sync-child.ts';
import {waitFor} from '../helpers/wait.ts';

const QUICK = {beat: 100, fill: 100, sweep: 60_000, fullSweep: 60_000, settle: 30_000, performance: 60_000};
const SILENT = {info: () => {}, warn: () => {}, error: () => {}};

let redis: RedisServer;
let desk: Database;
let pool: pg.Pool;
let bus: Redis;
let db: Pg;
let child: SyncChild | undefined;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  redis = await ownRedis({extra: ['client-output-buffer-limit pubsub 262144 262144 0']});
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
  child?.kill('SIGCONT');
  child?.kill('SIGKILL');
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  bus.disconnect();
  await db.close();
  await pool.end();
  await desk.drop();
});

describe.each(['pubsub', 'streams'] as const)('trades, positions and prices by %s', mode => {
  const start = (worker: string): SyncService => {
    const service = startSync({
      mode,
      trading: targetOf(desk),
      redis: parseRedisUrl(redis.url),
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
  const heard = () =>
    waitFor(
      'the bus to be heard',
      async () => {
        if (mode === 'pubsub') return (await bus.call('PUBSUB', 'NUMPAT')) === 1;
        return ((await bus.call('XINFO', 'CONSUMERS', STREAM, 'tradetop')) as unknown[]).length > 0;
      },
      30_000,
    );

  test('count once when every event comes twice and in any order, to two workers', {timeout: 60_000}, async () => {
    const services = [start('one'), start('two')];
    for (const service of services) await well(service);
    const flow = startFlow({pool, bus, mode});
    for (let i = 0; i < 12; i++) await flow.step(25, {twice: true});
    await flow.synced();
    await flow.rebuilt(db);
    const counts = services.map(service => service.stats().applied);
    expect(Math.min(...counts.map(c => c.trades + c.duplicates))).toBeGreaterThan(0);
    expect(counts.map(c => c.quarantined)).toEqual([0, 0]);
  });

  test('count once when the service is killed before, within and after a commit', {timeout: 120_000}, async () => {
    let struck = Promise.withResolvers<void>();
    const proxy = await startStatementProxy(desk.config, () => {
      child?.kill('SIGKILL');
      struck.resolve();
    });
    cleanups.push(proxy.close);
    const flow = startFlow({pool, bus, mode, seed: 2});
    const plan: readonly (readonly [RegExp, Fate])[] = [
      [/tradetop:sync\/apply/, 'after'],
      [/tradetop:sync\/revalue/, 'before'],
      [/^COMMIT/, 'before'],
      [/^COMMIT/, 'after'],
    ];
    for (const [which, fate] of plan) {
      struck = Promise.withResolvers();
      let dead = false;
      void struck.promise.then(() => (dead = true));
      proxy.decide((name, sql) => (name === 'tradetop sync' && which.test(sql) ? fate : 'pass'));
      child = spawnSync(desk, proxy.port, redis.url, ['--worker', 'one', '--mode', mode]);
      await heard();
      while (!dead) {
        await flow.step(10);
        await Promise.race([struck.promise, new Promise(resolve => setTimeout(resolve, 60))]);
      }
      expect(await child.ended).toBe('SIGKILL');
      // What happens while it is dead.
      await flow.step(5);
    }
    proxy.decide(() => 'pass');
    child = spawnSync(desk, proxy.port, redis.url, ['--worker', 'one', '--mode', mode]);
    await flow.synced();
    child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    await flow.rebuilt(db);
  });

  test('are made up for when the service stands still until Redis cuts it off', {timeout: 120_000}, async () => {
    child = spawnSync(desk, desk.config.port, redis.url, ['--worker', 'one', '--mode', mode]);
    await heard();
    const flow = startFlow({pool, bus, mode, seed: 4});
    await flow.step(20);
    await flow.synced();
    child.kill('SIGSTOP');
    const frozenAt = Date.now();
    const filler = 'x'.repeat(20_000);
    await flow.step(50);
    if (mode === 'pubsub') {
      await waitFor(
        'Redis to cut it off',
        async () => {
          await Promise.all(Array.from({length: 20}, () => bus.publish('data_sync:other', filler)));
          return (await bus.call('PUBSUB', 'NUMPAT')) === 0;
        },
        30_000,
      );
    } else {
      await bus.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    }
    await flow.step(50);
    await waitFor('it to have stood still for 6 s', () => Date.now() - frozenAt > 6000);
    child.kill('SIGCONT');
    await flow.synced();
    await flow.step(20);
    await flow.synced();
    child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    await flow.rebuilt(db);
  });
});
