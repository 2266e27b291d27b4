import {Redis} from 'ioredis';
import pg from 'pg';
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import type {RedisServer} from '../../src/demo/redis.ts';
import type {TradeEvent} from '../../src/events/event.ts';
import {cloneDesk} from '../helpers/desk.ts';
import {analyticsOf, bookTrades, deskTrades, expectedAnalytics, tradeMessage} from '../helpers/desk-trades.ts';
import {type Database, ownRedis} from '../helpers/servers.ts';
import {type Fate, startStatementProxy} from '../helpers/statement-proxy.ts';
import {type SyncChild, spawnSync} from '../helpers/sync-child.ts';
import {waitFor} from '../helpers/wait.ts';

let redis: RedisServer;
let desk: Database;
let pool: pg.Pool;
let bus: Redis;
let child: SyncChild | undefined;

beforeAll(async () => {
  // A subscriber may lag by a quarter of a megabyte here, so that a frozen one is cut off soon.
  redis = await ownRedis({extra: ['client-output-buffer-limit pubsub 262144 262144 0']});
  desk = await cloneDesk();
  pool = new pg.Pool({...desk.config, max: 2});
  bus = new Redis(redis.url);
  bus.on('error', () => {});
});
afterEach(() => {
  child?.kill('SIGCONT');
  child?.kill('SIGKILL');
});
afterAll(async () => {
  bus.disconnect();
  await pool.end();
  await desk.drop();
  await redis.stop();
});

const publish = async (trades: readonly TradeEvent[]): Promise<void> => {
  const line = bus.pipeline();
  for (const trade of trades) line.publish('data_sync:trades', tradeMessage(trade));
  line.publish(
    'data_sync:market_data',
    `{"type": "market_data_updated", "service": "data_ingestion", "data": {"symbol": "AAPL", "close": ${100 + Math.random()}}, "timestamp": "${new Date().toISOString()}"}`,
  );
  await line.exec();
};
const subscribed = () => waitFor('a subscription', async () => (await bus.call('PUBSUB', 'NUMPAT')) === 1, 30_000);
const synced = (trades: readonly TradeEvent[]) =>
  waitFor(
    'analytics to hold every trade once',
    async () => {
      expect(await analyticsOf(pool)).toEqual(expectedAnalytics(trades));
      return true;
    },
    30_000,
  );

describe('the service', () => {
  test('is killed around every statement that it sends, and counts every trade once', {timeout: 180_000}, async () => {
    let struck = Promise.withResolvers<void>();
    const proxy = await startStatementProxy(desk.config, () => {
      child?.kill('SIGKILL');
      struck.resolve();
    });
    const trades = deskTrades(3000);
    let at = 0;
    const died: string[] = [];
    // Connections: of batches (BEGIN, apply, adopt, marks, revalue, COMMIT), and of gaps and signs of life.
    const plan: readonly (readonly [string, number, Fate])[] = [
      ...[1, 2, 3, 4, 5, 6, 7].flatMap(n => [
        ['tradetop sync', n, 'before'] as const,
        ['tradetop sync', n, 'after'] as const,
      ]),
      ...[1, 3, 5, 7, 9].map(n => ['tradetop sync care', n, 'after'] as const),
    ];
    for (const [application, n, fate] of plan) {
      let count = 0;
      struck = Promise.withResolvers();
      proxy.decide((name, sql) => {
        if (name !== application || ++count !== n) return 'pass';
        died.push(`${fate} ${/tradetop:(\S+)/.exec(sql)?.[1] ?? sql.split(' ')[0]}`);
        return fate;
      });
      child = spawnSync(desk, proxy.port, redis.url, ['--worker', 'one']);
      let dead = false;
      void struck.promise.then(() => (dead = true));
      // It may be struck before it hears anything.
      await Promise.race([subscribed(), struck.promise]);
      while (!dead) {
        const some = trades.slice(at, at + 10);
        at += 10;
        await bookTrades(pool, some);
        // Some come twice, some that were recovered come late.
        await publish([...some, ...some.slice(0, 3), ...trades.slice(Math.max(0, at - 40), at - 10)]);
        await Promise.race([struck.promise, new Promise(resolve => setTimeout(resolve, 60))]);
      }
      expect(await child.ended).toBe('SIGKILL');
      await waitFor('its subscription to be gone', async () => (await bus.call('PUBSUB', 'NUMPAT')) === 0);
    }
    proxy.decide(() => 'pass');
    child = spawnSync(desk, proxy.port, redis.url, ['--worker', 'one']);
    await synced(trades.slice(0, at));
    // Every kind of boundary was struck.
    expect([...new Set(died)].sort()).toEqual(
      expect.arrayContaining([
        'after BEGIN',
        'after COMMIT',
        'after sync/apply',
        'before BEGIN',
        'before COMMIT',
        'before sync/apply',
        'before sync/marks',
        'before sync/revalue',
      ]),
    );
    child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    await proxy.close();
  });

  test('is frozen until Redis cuts it off, and recovers what went by', {timeout: 120_000}, async () => {
    await pool.query(`TRUNCATE analytics.sync_ledger, analytics.portfolio_summary, analytics.performance_metrics,
      analytics.sync_gaps, analytics.sync_workers, execution.trades, execution.orders`);
    const trades = deskTrades(4000, 9);
    child = spawnSync(desk, desk.config.port, redis.url, ['--worker', 'two']);
    await subscribed();
    await bookTrades(pool, trades.slice(0, 100));
    await publish(trades.slice(0, 100));
    await synced(trades.slice(0, 100));
    child.kill('SIGSTOP');
    const frozenAt = Date.now();
    await bookTrades(pool, trades.slice(100, 3900));
    for (let i = 100; (await bus.call('PUBSUB', 'NUMPAT')) === 1; i = i < 3800 ? i + 100 : 100) {
      await publish(trades.slice(i, i + 100));
    }
    // Long enough that it can tell standing still from a network that broke.
    await waitFor('it to have stood still for 6 s', () => Date.now() - frozenAt > 6000);
    child.kill('SIGCONT');
    await subscribed();
    await bookTrades(pool, trades.slice(3900));
    await publish(trades.slice(3900));
    await synced(trades);
    // The first start's gap may still have been open, and have found them all before this one was written down.
    await waitFor('the freeze to be declared as a gap from when it began', async () => {
      const {rows} = await pool.query(
        `SELECT reason, started_at < to_timestamp($1::float8 / 1000) + interval '1 s' AS from_then
           FROM analytics.sync_gaps WHERE reason <> 'first_start'`,
        [frozenAt],
      );
      expect(rows).toEqual([{reason: 'frozen', from_then: true}]);
      return true;
    });
    child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
  });
});
