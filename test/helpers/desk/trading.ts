import {setTimeout as delay} from 'node:timers/promises';
import type {Redis} from 'ioredis';
import pg from 'pg';
import {expect} from 'vitest';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import type {Publisher} from '../../../src/bus/publish.ts';
import {openPg} from '../../../src/io/pg.ts';
import {openRedis} from '../../../src/io/redis.ts';
import {parseRedisUrl} from '../../../src/io/redis-url.ts';
import {loadSql} from '../../../src/io/sql.ts';
import type {PgTarget} from '../../../src/io/targets.ts';
import {rebuildAnalytics} from '../../../src/sync/rebuild.ts';
import type {SyncService} from '../../../src/sync/service.ts';
import {runnerOf} from '../../../src/sync/session.ts';
import {SYNC_MS} from '../servers/timers.ts';
import {waitFor} from '../servers/wait.ts';
import {bookTrades, deskTrades, tradeMessage} from './desk-trades.ts';
import {counted, SILENT, startQuick, well} from './sync-rig.ts';

const PUBLISH_MS = 200;

/**
 * Synchronisers at work, and a desk that trades meanwhile: it books every trade, then publishes it, and tries again for
 * a fifth of a second. No sweep runs: what the bus did not bring must be in a gap that a worker declared.
 */
export type Trading = {
  readonly start: (worker: string, mode?: 'pubsub' | 'streams', shards?: number) => Promise<SyncService>;
  /** Waits until no worker reports a problem, and the desk can publish. */
  readonly well: () => Promise<void>;
  /**
   * Watches from now on for a worker that is in trouble, has lost a connection, or declares a gap, and gives the wait for
   * that. Call it before the trouble: that may be over when the next call runs.
   */
  readonly watch: () => () => Promise<void>;
  /** Trades on until so many more trades are booked. */
  readonly trade: (count: number) => Promise<void>;
  /** Books trades and does not publish them. */
  readonly book: (count: number) => Promise<readonly TradeEvent[]>;
  readonly publish: (trades: readonly TradeEvent[]) => Promise<void>;
  /** Waits until the ledger has every trade once and analytics is their sum, and rebuilds it without a difference. */
  readonly settled: () => Promise<void>;
  /** The reasons of all gaps. */
  readonly gaps: () => Promise<readonly string[]>;
  /** Waits for a gap of that reason after the first `after` gaps: its trades may be recovered before it is declared. */
  readonly declared: (reason: string, after?: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type TradingOptions = {
  /** The database as the desk and the tests reach it; `trading`: as the synchroniser does. */
  readonly direct: PgTarget;
  readonly trading?: PgTarget;
  readonly redisUrl: string;
  /** The desk's address of Redis. Default: `redisUrl`. */
  readonly publishUrl?: string;
  /** How the desk publishes. Default: by PUBLISH. */
  readonly by?: (client: Redis) => Publisher;
};

export function openTrading({direct, trading = direct, redisUrl, publishUrl = redisUrl, by}: TradingOptions): Trading {
  const {host, port, user, database} = direct;
  const pool = new pg.Pool({host, port, user, database, password: direct.password(), ssl: false, max: 2});
  pool.on('error', () => {});
  pool.on('connect', client => client.on('error', () => {}));
  const client = openRedis(parseRedisUrl(publishUrl), {name: 'the desk', offline: 'fail'}) as Redis;
  const publisher = by?.(client) ?? client;
  const services: SyncService[] = [];
  let losses = 0;
  const log = {
    ...SILENT,
    warn: (fields: object) => {
      if ('gap' in fields && fields.gap !== 'first_start' && fields.gap !== 'restart') losses++;
    },
  };
  const all = deskTrades(3000);
  let at = 0;
  const publish = async (trade: TradeEvent): Promise<void> => {
    const end = Date.now() + PUBLISH_MS;
    const sent = (): Promise<boolean> =>
      Promise.race([
        publisher.publish('data_sync:trades', tradeMessage(trade)).then(
          () => true,
          () => false,
        ),
        delay(PUBLISH_MS, false, {ref: false}),
      ]);
    while (!(await sent()) && Date.now() < end) await delay(20);
  };
  const book = async (count: number): Promise<readonly TradeEvent[]> => {
    const some = all.slice(at, at + count);
    at += some.length;
    // A commit whose answer was lost may have happened: nothing is booked twice.
    const booked = async (): Promise<true> => {
      const {rows} = await pool.query('SELECT FROM execution.trades WHERE trade_id = $1', [some[0]?.tradeId]);
      if (rows.length === 0) await bookTrades(pool, some);
      return true;
    };
    await waitFor('the desk to book', booked, SYNC_MS);
    return some;
  };
  const gaps = async (): Promise<readonly string[]> =>
    (await pool.query('SELECT reason FROM analytics.sync_gaps ORDER BY id')).rows.map(row => row.reason);
  return {
    start: async (worker, mode = 'pubsub', shards = 1) => {
      const redis = parseRedisUrl(redisUrl);
      const service = startQuick({mode, shards, trading, redis, worker, log});
      services.push(service);
      await well(service);
      return service;
    },
    well: async () => {
      const troubles = () => services.map(service => service.trouble()).filter(trouble => trouble !== undefined);
      await waitFor(
        'all workers to be without problems',
        () => {
          expect(troubles()).toEqual([]);
          return true;
        },
        SYNC_MS,
      );
      // The desk's own connection is another one, and may be later.
      const reached = async (): Promise<true> => {
        for (let i = 0; i < 2; i++) await publisher.publish('data_sync:trades', '{}');
        return true;
      };
      await waitFor('the desk to reach the bus', reached, SYNC_MS);
    },
    watch: () => {
      const signs = () => services.reduce((sum, service) => sum + service.stats().link.drops, losses);
      const before = signs();
      const noticed = () => signs() > before || services.some(service => service.trouble() !== undefined);
      return async () => {
        await waitFor('a worker to notice the trouble', noticed, SYNC_MS);
      };
    },
    trade: async count => {
      for (const end = at + count; at < end; ) {
        await Promise.all((await book(5)).map(publish));
        await delay(5);
      }
    },
    book,
    publish: async trades => {
      await Promise.all(trades.map(publish));
    },
    settled: async () => {
      const trades = all.slice(0, at);
      await counted(pool, trades);
      const {rows} = await pool.query('SELECT count(*)::int AS n FROM analytics.sync_ledger');
      expect(rows[0]?.n).toBe(trades.length);
      const db = openPg(direct, loadSql(), {name: 'the rebuild', max: 1});
      const rebuilt = await rebuildAnalytics(runnerOf(db)).finally(db.close);
      expect(rebuilt).toMatchObject({recovered: 0, differences: [], errors: []});
    },
    gaps,
    declared: async (reason, after = 0) => {
      await waitFor(
        'the gap to be declared',
        async () => {
          expect((await gaps()).slice(after)).toContain(reason);
          return true;
        },
        SYNC_MS,
      );
    },
    close: async () => {
      await Promise.all(services.map(service => service.stop(3000)));
      client.disconnect();
      await pool.end();
    },
  };
}
