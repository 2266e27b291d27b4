import {Redis} from 'ioredis';
import pg from 'pg';
import {afterAll, afterEach, beforeAll, beforeEach, expect, vi} from 'vitest';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {durable} from '../../../src/bus/streams.ts';
import type {RedisServer} from '../../../src/demo/redis.ts';
import {openPg, type Pg, type PgOptions} from '../../../src/io/pg.ts';
import {parseRedisUrl} from '../../../src/io/redis-url.ts';
import {loadSql} from '../../../src/io/sql.ts';
import type {PgTarget} from '../../../src/io/targets.ts';
import {type Intervals, type SyncOptions, type SyncService, startSync} from '../../../src/sync/service.ts';
import type {SyncStats} from '../../../src/sync/stats.ts';
import {type Database, ownRedis} from '../servers/servers.ts';
import {LONG_TEST_MS, SYNC_MS} from '../servers/timers.ts';
import {waitFor} from '../servers/wait.ts';
import {cloneDesk, targetOf} from './desk.ts';
import {analyticsOf, expectedAnalytics, tradeMessage} from './desk-trades.ts';
import {type SyncChild, spawnSync} from './sync-child.ts';

/** Longer than any test. */
const NEVER_MS = 86_400_000;

/** Heartbeats and passes over gaps come often. No sweep runs after the start's: only a declared gap can recover what the bus did not bring. */
export const QUICK: Intervals = {
  heartbeat: 100,
  repair: 100,
  sweep: NEVER_MS,
  wideSweep: NEVER_MS,
  settle: 30_000,
  marking: NEVER_MS,
  limits: NEVER_MS,
  performance: NEVER_MS,
  validation: NEVER_MS,
};
export const SILENT = {info: () => {}, warn: () => {}, error: () => {}};

/** Starts a synchroniser: by default the worker `one`, with QUICK's intervals and no log. */
export const startQuick = (options: Pick<SyncOptions, 'trading' | 'redis'> & Partial<SyncOptions>): SyncService =>
  startSync({sql: loadSql(), log: SILENT, worker: 'one', intervals: QUICK, ...options});

/** Waits until a service is well. */
export const well = (service: SyncService) =>
  waitFor(
    'the service to be well',
    () => {
      expect(service.trouble()).toBeUndefined();
      return true;
    },
    SYNC_MS,
  );

/** Waits until a service is well and has filled a gap: at least that of its start. */
export const ready = (service: SyncService) =>
  waitFor(
    'the service to be well and to have filled a gap',
    () => service.trouble() === undefined && service.stats().gaps.filled > 0,
    SYNC_MS,
  );

/** Waits until all of several services are well and one has filled a gap: it may have filled those of the others. */
export const allReady = (services: readonly SyncService[]) =>
  waitFor(
    'the services to be well and one to have filled a gap',
    () => services.every(one => one.trouble() === undefined) && services.some(one => one.stats().gaps.filled > 0),
    SYNC_MS,
  );

/** Waits until a service has counted these: it counts a batch when it has the answer to its COMMIT. */
export const applied = (service: SyncService, counts: Partial<SyncStats['applied']>) =>
  waitFor(
    'the service’s counts',
    () => {
      expect(service.stats().applied).toMatchObject(counts);
      return true;
    },
    SYNC_MS,
  );

/** Waits until analytics is the sum of these trades, each counted once. */
export const counted = (pool: pg.Pool, trades: readonly TradeEvent[]) =>
  waitFor(
    'analytics to hold every trade once',
    async () => {
      expect(await analyticsOf(pool)).toEqual(expectedAnalytics(trades));
      return true;
    },
    SYNC_MS,
  );

/** Ports of proxies through which a synchroniser reaches its servers; default: the servers' own. */
type Ports = {readonly pgPort?: number; readonly redisPort?: number};
type SpawnOptions = {readonly pgPort?: number; readonly env?: Readonly<Record<string, string>>};

/** The servers and connections of a test of the synchroniser. */
type Environment = {
  /** The file's own Redis, emptied before each test. */
  readonly redis: RedisServer;
  /** The test's own trading database, and the test's own pool for it. */
  readonly desk: Database;
  readonly pool: pg.Pool;
  /** The test's own connection to Redis. */
  readonly bus: Redis;
  /** Called after the test, the last one first. */
  readonly cleanups: (() => unknown)[];
};

type RigOptions = {
  /** More options of the file's Redis. */
  readonly redis?: Parameters<typeof ownRedis>[0];
  /** Settings of the test's own pool. */
  readonly pool?: pg.PoolConfig;
};

/** An object whose fields are always those of the present test. */
function environmentEachTest({redis, pool}: RigOptions): Environment {
  const own = {cleanups: []} as unknown as {-readonly [K in keyof Environment]: Environment[K]};
  beforeAll(async () => {
    own.redis = await ownRedis(redis);
  });
  afterAll(() => own.redis.stop());
  beforeEach(async () => {
    own.desk = await cloneDesk();
    own.pool = new pg.Pool({...own.desk.config, max: 2, ...pool});
    own.pool.on('error', () => {});
    own.bus = new Redis(own.redis.url);
    own.bus.on('error', () => {});
    await own.bus.flushall();
  });
  afterEach(async () => {
    for (const cleanup of own.cleanups.splice(0).reverse()) await cleanup();
    own.bus.disconnect();
    await own.pool.end();
    await own.desk.drop();
  });
  return own;
}

type SyncRig = Environment & {
  /** Starts a synchroniser as `startQuick` does, and stops it after the test. */
  readonly start: (options?: Partial<SyncOptions> & Ports) => SyncService;
  /** Starts one as a process of its own, and kills it after the test. */
  readonly spawn: (args: readonly string[], how?: SpawnOptions) => SyncChild;
  /** Opens the database as tradetop's own code does, and closes it after the test. */
  readonly open: (options: PgOptions, pgPort?: number) => Pg;
  /** Publishes trades in one pipeline. */
  readonly publish: (trades: readonly TradeEvent[], message?: (trade: TradeEvent) => string) => Promise<void>;
  /** Publishes trades and puts them on the stream. */
  readonly publishDurably: (trades: readonly TradeEvent[]) => Promise<void>;
  /** Waits until analytics is the sum of these trades, each counted once. */
  readonly synced: (trades: readonly TradeEvent[]) => Promise<true>;
  /** Waits until a service is well and no gap is open, its own included. */
  readonly filled: (service: SyncService) => Promise<true>;
  /** Waits until one client has subscribed to the bus. */
  readonly subscribed: () => Promise<true>;
};

/**
 * Gives the tests of a file a Redis, and each of them a database, connections and clean-ups. Sets the timeout of the
 * file's tests: their waits have limits of their own.
 */
export function rigEachTest(options: RigOptions = {}): SyncRig {
  vi.setConfig({testTimeout: LONG_TEST_MS, hookTimeout: LONG_TEST_MS});
  const own = environmentEachTest(options);
  const {cleanups} = own;
  const target = (port = own.desk.config.port): PgTarget => ({...targetOf(own.desk), port});
  return Object.assign(own, {
    start: ({pgPort, redisPort, ...more} = {}) => {
      const {url, port} = own.redis;
      const redis = parseRedisUrl(url.replace(`:${port}/`, `:${redisPort ?? port}/`));
      const service = startQuick({trading: target(pgPort), redis, ...more});
      cleanups.push(() => service.stop(3000));
      return service;
    },
    spawn: (args, {pgPort = own.desk.config.port, env} = {}) => {
      const child = spawnSync(own.desk, pgPort, own.redis.url, args, {env});
      cleanups.push(() => {
        child.kill('SIGCONT');
        child.kill('SIGKILL');
        return child.ended;
      });
      return child;
    },
    open: (more, pgPort) => {
      const db = openPg(target(pgPort), loadSql(), more);
      cleanups.push(db.close);
      return db;
    },
    publish: async (trades, message = tradeMessage) => {
      const line = own.bus.pipeline();
      for (const trade of trades) line.publish('data_sync:trades', message(trade));
      await line.exec();
    },
    publishDurably: async trades => {
      const publisher = durable(own.bus);
      await Promise.all(trades.map(trade => publisher.publish('data_sync:trades', tradeMessage(trade))));
    },
    synced: trades => counted(own.pool, trades),
    filled: service =>
      waitFor(
        'the service to be well and every gap to be filled',
        async () => {
          const {rows} = await own.pool.query('SELECT filled_at IS NOT NULL AS filled FROM analytics.sync_gaps');
          return service.trouble() === undefined && rows.length > 0 && rows.every(row => row.filled);
        },
        SYNC_MS,
      ),
    subscribed: () => waitFor('a subscription', async () => (await own.bus.call('PUBSUB', 'NUMPAT')) === 1, SYNC_MS),
  } satisfies Omit<SyncRig, keyof Environment>);
}
