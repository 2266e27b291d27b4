import {Redis} from 'ioredis';
import pg from 'pg';
import {afterAll, afterEach, beforeAll, beforeEach, expect} from 'vitest';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {durable} from '../../../src/bus/streams.ts';
import {parseRedisUrl} from '../../../src/core/redis-url.ts';
import type {RedisServer} from '../../../src/demo/redis.ts';
import {openPg, type Pg, type PgOptions} from '../../../src/io/pg.ts';
import type {PgTarget} from '../../../src/io/pg-target.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {type Intervals, type SyncOptions, type SyncService, startSync} from '../../../src/sync/service.ts';
import {type Database, ownRedis} from '../servers/servers.ts';
import {waitFor} from '../servers/wait.ts';
import {cloneDesk, targetOf} from './desk.ts';
import {analyticsOf, expectedAnalytics, tradeMessage} from './desk-trades.ts';
import {type SyncChild, spawnSync} from './sync-child.ts';

/** Signs of life and passes over gaps come often; no sweep runs within a test. */
export const QUICK: Intervals = {
  beat: 100,
  fill: 100,
  sweep: 60_000,
  fullSweep: 60_000,
  settle: 30_000,
  performance: 60_000,
};
export const SILENT = {info: () => {}, warn: () => {}, error: () => {}};

/** Starts a synchroniser by the name of `one` that is quick and says nothing, where the options do not say otherwise. */
export const startQuick = (options: Pick<SyncOptions, 'trading' | 'redis'> & Partial<SyncOptions>): SyncService =>
  startSync({sql: loadSql(), log: SILENT, worker: 'one', times: QUICK, ...options});

/** Waits until a service is well. */
export const well = (service: SyncService, limitMs = 10_000) =>
  waitFor(
    'the service to be well',
    () => {
      expect(service.trouble()).toBeUndefined();
      return true;
    },
    limitMs,
  );

/** Waits until a service is well and has filled a gap: at least that of its start. */
export const ready = (service: SyncService, limitMs = 10_000) =>
  waitFor('the service to be well', () => service.trouble() === undefined && service.stats().gaps.filled > 0, limitMs);

/** Waits until analytics is what these trades add up to, each counted once. */
export const counted = (pool: pg.Pool, trades: readonly TradeEvent[], limitMs: number) =>
  waitFor(
    'analytics to hold every trade once',
    async () => {
      expect(await analyticsOf(pool)).toEqual(expectedAnalytics(trades));
      return true;
    },
    limitMs,
  );

/** Where a synchroniser finds its servers: at their own ports, or at those of proxies before them. */
type Ports = {readonly pgPort?: number; readonly redisPort?: number};
type SpawnOptions = {readonly pgPort?: number; readonly env?: Readonly<Record<string, string>>};

/** What stands around a test of the synchroniser. */
type Stand = {
  /** The file's own Redis, emptied before each test. */
  readonly redis: RedisServer;
  /** The test's own trading database, and how the test itself reaches it. */
  readonly desk: Database;
  readonly pool: pg.Pool;
  /** The test's own connection to Redis. */
  readonly bus: Redis;
  /** Called after the test, the last one first. */
  readonly cleanups: (() => unknown)[];
};

type StandOptions = {
  /** What the file's Redis is told on top. */
  readonly redis?: Parameters<typeof ownRedis>[0];
  /** Settings of the test's own pool. */
  readonly pool?: pg.PoolConfig;
};

/** A stand that always holds what the test that runs has. */
function standEachTest({redis, pool}: StandOptions): Stand {
  const stand = {cleanups: []} as unknown as {-readonly [K in keyof Stand]: Stand[K]};
  beforeAll(async () => {
    stand.redis = await ownRedis(redis);
  });
  afterAll(() => stand.redis.stop());
  beforeEach(async () => {
    stand.desk = await cloneDesk();
    stand.pool = new pg.Pool({...stand.desk.config, max: 2, ...pool});
    stand.pool.on('error', () => {});
    stand.bus = new Redis(stand.redis.url);
    stand.bus.on('error', () => {});
    await stand.bus.flushall();
  });
  afterEach(async () => {
    for (const cleanup of stand.cleanups.splice(0).reverse()) await cleanup();
    stand.bus.disconnect();
    await stand.pool.end();
    await stand.desk.drop();
  });
  return stand;
}

export type SyncRig = Stand & {
  /** Starts a synchroniser as `startQuick` does; it is stopped after the test. */
  readonly start: (options?: Partial<SyncOptions> & Ports) => SyncService;
  /** Starts one as a process of its own, that is killed after the test. */
  readonly spawn: (args: readonly string[], how?: SpawnOptions) => SyncChild;
  /** Opens the database as tradetop's own code does; it is closed after the test. */
  readonly open: (options: PgOptions, pgPort?: number) => Pg;
  /** Publishes trades, all in one go. */
  readonly publish: (trades: readonly TradeEvent[], message?: (trade: TradeEvent) => string) => Promise<void>;
  /** Publishes trades and puts them on the stream. */
  readonly publishDurably: (trades: readonly TradeEvent[]) => Promise<void>;
  /** Waits until analytics is what these trades add up to, each counted once. */
  readonly synced: (trades: readonly TradeEvent[], limitMs?: number) => Promise<true>;
  /** Waits until a service is well and no gap is open, its own included. */
  readonly filled: (service: SyncService) => Promise<true>;
  /** Waits until somebody hears the bus by Pub/Sub. */
  readonly subscribed: () => Promise<true>;
};

/** A Redis for all tests of the file that calls this, and for each of them a database, connections and clean-ups. */
export function rigEachTest(options: StandOptions = {}): SyncRig {
  const stand = standEachTest(options);
  const {cleanups} = stand;
  const target = (port = stand.desk.config.port): PgTarget => ({...targetOf(stand.desk), port});
  return Object.assign(stand, {
    start: ({pgPort, redisPort, ...more} = {}) => {
      const {url, port} = stand.redis;
      const redis = parseRedisUrl(url.replace(`:${port}/`, `:${redisPort ?? port}/`));
      const service = startQuick({trading: target(pgPort), redis, ...more});
      cleanups.push(() => service.stop(3000));
      return service;
    },
    spawn: (args, {pgPort = stand.desk.config.port, env} = {}) => {
      const child = spawnSync(stand.desk, pgPort, stand.redis.url, args, {env});
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
      const line = stand.bus.pipeline();
      for (const trade of trades) line.publish('data_sync:trades', message(trade));
      await line.exec();
    },
    publishDurably: async trades => {
      const publisher = durable(stand.bus);
      await Promise.all(trades.map(trade => publisher.publish('data_sync:trades', tradeMessage(trade))));
    },
    synced: (trades, limitMs = 30_000) => counted(stand.pool, trades, limitMs),
    filled: service =>
      waitFor(
        'the service to be well',
        async () => {
          const {rows} = await stand.pool.query('SELECT filled_at IS NOT NULL AS filled FROM analytics.sync_gaps');
          return service.trouble() === undefined && rows.length > 0 && rows.every(row => row.filled);
        },
        30_000,
      ),
    subscribed: () => waitFor('a subscription', async () => (await stand.bus.call('PUBSUB', 'NUMPAT')) === 1, 30_000),
  } satisfies Omit<SyncRig, keyof Stand>);
}
