import {setTimeout as delay} from 'node:timers/promises';
import type {Redis} from 'ioredis';
import pg from 'pg';
import {expect} from 'vitest';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import type {Publisher} from '../../../src/bus/publish.ts';
import {parseRedisUrl} from '../../../src/core/redis-url.ts';
import {openPg} from '../../../src/io/pg.ts';
import type {PgTarget} from '../../../src/io/pg-target.ts';
import {openRedis} from '../../../src/io/redis.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {rebuildAnalytics} from '../../../src/sync/rebuild.ts';
import type {SyncService} from '../../../src/sync/service.ts';
import {runnerOf} from '../../../src/sync/session.ts';
import {waitFor} from '../servers/wait.ts';
import {bookTrades, deskTrades, tradeMessage} from './desk-trades.ts';
import {counted, QUICK, startQuick, well} from './sync-rig.ts';

const TIMES = {...QUICK, sweep: 600_000, fullSweep: 600_000, settle: 60_000};
const PUBLISH_MS = 200;

/**
 * A synchroniser at work, and a desk that trades meanwhile: it books every trade, then publishes it and tries again for
 * a fifth of a second. No sweep runs: what is missing on the bus must be in a gap that was noticed.
 */
export type Trading = {
  readonly start: (worker: string, mode?: 'pubsub' | 'streams') => Promise<SyncService>;
  /** Waits until every worker is well, and the desk can publish. */
  readonly well: () => Promise<void>;
  readonly unwell: () => Promise<void>;
  /** Trades on until so many more trades are booked. */
  readonly trade: (count: number) => Promise<void>;
  /** Books trades and tells nobody. */
  readonly book: (count: number) => Promise<readonly TradeEvent[]>;
  readonly publish: (trades: readonly TradeEvent[]) => Promise<void>;
  /** Waits until the ledger has every trade once and analytics is what they add up to, as a rebuild finds as well. */
  readonly settled: () => Promise<void>;
  /** The reasons of all gaps. */
  readonly gaps: () => Promise<readonly string[]>;
  /** Waits for a gap of that reason behind the first `after`: what recovers its trades may come before it is noticed. */
  readonly declared: (reason: string, after?: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type TradingOptions = {
  /** How the desk and the tests reach the database, and how the synchroniser does. */
  readonly direct: PgTarget;
  readonly trading?: PgTarget;
  readonly redisUrl: string;
  /** The desk's own address of Redis, where it is another. */
  readonly publishUrl?: string;
  /** How the desk publishes; default: by PUBLISH. */
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
    await waitFor('the desk to book', async () => {
      const {rows} = await pool.query('SELECT FROM execution.trades WHERE trade_id = $1', [some[0]?.tradeId]);
      if (rows.length === 0) await bookTrades(pool, some);
      return true;
    });
    return some;
  };
  const gaps = async (): Promise<readonly string[]> =>
    (await pool.query('SELECT reason FROM analytics.sync_gaps ORDER BY id')).rows.map(row => row.reason);
  return {
    start: async (worker, mode = 'pubsub') => {
      const redis = parseRedisUrl(redisUrl);
      const service = startQuick({mode, trading, redis, worker, times: TIMES});
      services.push(service);
      await well(service, 30_000);
      return service;
    },
    well: async () => {
      const troubles = () => services.map(service => service.trouble()).filter(trouble => trouble !== undefined);
      await waitFor(
        'all to be well',
        () => {
          expect(troubles()).toEqual([]);
          return true;
        },
        40_000,
      );
      // The desk's own connection is another one, and may be later.
      await waitFor('the desk to reach the bus', async () => {
        for (let i = 0; i < 2; i++) await publisher.publish('data_sync:trades', '{}');
        return true;
      });
    },
    unwell: async () => {
      const drops = () => services.reduce((sum, service) => sum + service.stats().link.drops, 0);
      const before = drops();
      // It may be over between two looks at it.
      const noticed = () => drops() > before || services.some(service => service.trouble() !== undefined);
      await waitFor('the trouble to be noticed', noticed, 30_000);
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
      await counted(pool, trades, 40_000);
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
        20_000,
      );
    },
    close: async () => {
      await Promise.all(services.map(service => service.stop(3000)));
      client.disconnect();
      await pool.end();
    },
  };
}
