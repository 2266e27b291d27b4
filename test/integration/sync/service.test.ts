import {randomBytes} from 'node:crypto';
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import type {SafeText} from '../../../src/core/sanitise.ts';
import {cached} from '../../../src/service/cache.ts';
import {cacheKeys, createInvalidator} from '../../../src/service/cache-keys.ts';
import {serveMetrics} from '../../../src/sync/metrics.ts';
import type {SyncOptions, SyncService} from '../../../src/sync/service.ts';
import {targetOf} from '../../helpers/desk/desk.ts';
import {bookTrades, deskTrades} from '../../helpers/desk/desk-trades.ts';
import {applied, QUICK, ready, rigEachTest, SILENT} from '../../helpers/desk/sync-rig.ts';
import {type FaultProxy, startProxy} from '../../helpers/servers/proxy.ts';
import {SYNC_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const rig = rigEachTest();
const {publish, synced} = rig;
let redisProxy: FaultProxy;
let pgProxy: FaultProxy;

beforeAll(async () => {
  redisProxy = await startProxy(rig.redis);
});
afterAll(() => redisProxy.close());
beforeEach(async () => {
  pgProxy = await startProxy({host: rig.desk.config.host, port: rig.desk.config.port});
  rig.cleanups.push(() => redisProxy.set('pass'), pgProxy.close);
});

const start = (options: Partial<SyncOptions> = {}): SyncService =>
  rig.start({
    pgPort: pgProxy.port,
    redisPort: redisProxy.port,
    intervals: {...QUICK, sweep: 500, settle: 300, performance: 500},
    ...options,
  });
const gaps = async () =>
  (
    await rig.pool.query(
      `SELECT reason, recovered::int, filled_at IS NOT NULL AS filled FROM analytics.sync_gaps ORDER BY id`,
    )
  ).rows;

describe('the synchroniser', () => {
  test('applies what is published, and reports itself in the database', async () => {
    const service = start();
    await ready(service);
    const trades = deskTrades(200);
    await bookTrades(rig.pool, trades);
    await publish(trades);
    await synced(trades);
    expect(await gaps()).toEqual([{reason: 'first_start', recovered: 0, filled: true}]);
    await applied(service, {trades: 200, duplicates: 0, recovered: 0});
    const heartbeat = async () => {
      const {rows} = await rig.pool.query(`SELECT worker, mode, safe_at > now() - interval '5 s' AS safe, stopped_at,
        stats->'applied'->'trades' AS trades FROM analytics.sync_workers`);
      return rows[0]?.trades === 200 && rows[0];
    };
    const row = await waitFor('a heartbeat with the trades', heartbeat, SYNC_MS);
    expect(row).toEqual({worker: 'one', mode: 'pubsub', safe: true, stopped_at: null, trades: 200});
    const isLogged = async (): Promise<boolean> => {
      const {rows} = await rig.pool.query(
        `SELECT FROM logging.performance_logs WHERE service = 'sync' AND operation = 'apply_batch'`,
      );
      return rows.length > 0;
    };
    await waitFor('its own operations in performance_logs', isLogged, SYNC_MS);
  });

  test('recovers the trades from before its first run, and those between two runs', async () => {
    const trades = deskTrades(150);
    await bookTrades(rig.pool, trades.slice(0, 50));
    await rig.pool.query(`UPDATE execution.trades SET created_at = now() - interval '400 days'`);
    const first = start();
    await ready(first);
    expect(await first.stop()).toBe(true);
    await bookTrades(rig.pool, trades.slice(50, 100));
    await publish(trades.slice(50, 100));
    const again = start();
    await ready(again);
    await bookTrades(rig.pool, trades.slice(100));
    await publish(trades.slice(100));
    await waitFor('the trades after the second start', () => again.stats().applied.trades === 50, SYNC_MS);
    await publish(trades);
    await synced(trades);
    expect(await gaps()).toEqual([
      {reason: 'first_start', recovered: 50, filled: true},
      {reason: 'restart', recovered: 50, filled: true},
    ]);
  });

  test('starts before its servers run', async () => {
    await redisProxy.set('refuse');
    await pgProxy.set('refuse');
    const service = start();
    const trades = deskTrades(30);
    await bookTrades(rig.pool, trades);
    const isDown = () => /bus is (?:down|connecting)/.test(service.trouble() ?? '');
    await waitFor('the service to report that the bus is down', isDown, SYNC_MS);
    await redisProxy.set('pass');
    await waitFor('the link to be ready', () => service.stats().link.state === 'ready', SYNC_MS);
    await publish(trades.slice(0, 10));
    await pgProxy.set('pass');
    await synced(trades);
  });
});

test('the role that set-up makes for it has every right that it needs', async () => {
  const password = randomBytes(12).toString('hex');
  await rig.pool.query(`ALTER ROLE tradetop_sync PASSWORD '${password}'`);
  const warned: unknown[] = [];
  const service = start({
    trading: {...targetOf(rig.desk, 'tradetop_sync', password), port: pgProxy.port},
    log: {...SILENT, warn: (what: unknown) => void warned.push(what)},
  });
  const trades = deskTrades(30);
  await bookTrades(rig.pool, trades.slice(0, 10));
  await rig.pool.query(
    `INSERT INTO execution.positions (account_id, symbol, quantity, avg_price) VALUES ('A', 'IBM', 10, 5)`,
  );
  await ready(service);
  await publish([...trades, ...trades]);
  await rig.bus.publish(
    'data_sync:market_data',
    `{"type": "market_data_updated", "service": "s", "data": {"symbol": "IBM", "close": 7}, "timestamp": "${new Date().toISOString()}"}`,
  );
  await synced(trades);
  const isMarked = async (): Promise<true> => {
    const {rows} = await rig.pool.query(`SELECT p.unrealized_pnl, v.market_value FROM execution.positions AS p
      JOIN analytics.portfolio_summary AS v USING (account_id, symbol)`);
    expect(rows).toEqual([{unrealized_pnl: '20.0000', market_value: '70.0000'}]);
    return true;
  };
  await waitFor('the position and its view to be marked', isMarked, SYNC_MS);
  const isLogged = async (): Promise<boolean> => {
    const {rows} = await rig.pool.query(`SELECT FROM logging.performance_logs WHERE service = 'sync'`);
    return rows.length > 0;
  };
  await waitFor('its own operations in performance_logs', isLogged, SYNC_MS);
  expect(warned.filter(what => !JSON.stringify(what).includes('"gap"'))).toEqual([]);
});

const messageOf = (type: string, at: string, data: string): string =>
  `{"type": "${type}", "service": "s", "data": {"symbol": "IBM", ${data}}, "timestamp": "${at}"}`;

/** Metrics that promtool would reject: counters, and only they, end in _total; each has a help text and a base unit. */
function illNamed(text: string): readonly string[] {
  const types = [...text.matchAll(/^# TYPE (tradetop_\S+) (\S+)$/gm)].map(([, name = '', type]) => ({name, type}));
  expect(types.length).toBeGreaterThan(15);
  return types
    .filter(
      ({name, type}) =>
        (type === 'counter') !== name.endsWith('_total') ||
        !new RegExp(`^# HELP ${name} \\S.*[^.]$`, 'm').test(text) ||
        /_(?:ms|milliseconds|count|sum|bucket)$|[A-Z]/.test(name),
    )
    .map(({name}) => name);
}

test('serves /metrics and /healthz', async () => {
  let service: SyncService | undefined;
  const alerts = [{rule: 'blocked', severity: 'crit', subject: '4121/"x"'}];
  const pool = {service: 'risk', pool: 'risk', instance: 'h:1', size: 3, inUse: 2, waiting: 1, max: 4};
  const caches = [{cache: 'marks', hits: 9, misses: 1, errors: 0}];
  const figures = () => (service === undefined ? undefined : {alerts, unknown: 2, pools: [pool], caches});
  const metrics = await serveMetrics({host: '127.0.0.1', port: 0}, () => service, figures);
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${metrics.port}${path}`);
    return {status: answer.status, text: await answer.text()};
  };
  try {
    expect(await ask('/healthz')).toEqual({status: 503, text: '{"ok":false,"why":"starting"}\n'});
    service = start({onCommit: metrics.committed});
    await ready(service);
    expect((await ask('/healthz')).status).toBe(200);
    const {text: first} = await ask('/metrics');
    expect(first).toContain('tradetop_alert{rule="blocked",severity="crit",subject="4121/\\"x\\""} 1');
    expect(first).toContain('tradetop_alerts_unknown 2');
    expect(first).toContain('tradetop_pool_waiting{service="risk",pool="risk",instance="h:1"} 1');
    expect(first).toContain('tradetop_cache_hits_total{cache="marks"} 9');
    alerts.length = 0;
    expect((await ask('/metrics')).text).not.toContain('rule="blocked"');
    const trades = deskTrades(40);
    await publish([...trades, ...trades]);
    await rig.bus.publish('data_sync:trades', 'not json');
    const poison = {...(trades[0] as TradeEvent), tradeId: 'poison' as never, quantity: '9'.repeat(30)};
    await publish([poison]);
    const done = () => service?.stats().applied;
    for (const [i, at] of ['2026-11-25T10:00:01', '2026-11-25T10:00:00'].entries()) {
      await rig.bus.publish(
        'data_sync:positions',
        messageOf('position_updated', at, '"account_id": "A", "quantity": 2, "avg_price": 5'),
      );
      const positions = () => [done()?.positions, done()?.stale_positions].join() === `1,${i}`;
      await waitFor('the position', positions, SYNC_MS);
      await rig.bus.publish('data_sync:market_data', messageOf('market_data_updated', at, '"close": 7'));
      await waitFor('the price', () => [done()?.marks, done()?.stale_marks].join() === `1,${i}`, SYNC_MS);
    }
    await synced(trades);
    const complete = async () => {
      const {text} = await ask('/metrics');
      return /kind="market_data",outcome="stale"} 1/.test(text) && /quarantine_events 1/.test(text) && text;
    };
    const text = await waitFor('every event to be counted', complete, SYNC_MS);
    const value = (line: string): number => Number(new RegExp(`^tradetop_sync_${line} (\\S+)$`, 'm').exec(text)?.[1]);
    expect(value('received_total{channel="data_sync:trades"}')).toBe(81);
    expect(value('rejected_total{reason="not_json"}')).toBe(1);
    const events = (kind: string, outcome: string) => value(`events_total{kind="${kind}",outcome="${outcome}"}`);
    expect(['applied', 'duplicate', 'adopted', 'recovered', 'quarantined'].map(o => events('trades', o))).toEqual([
      40, 40, 0, 0, 1,
    ]);
    expect(['applied', 'stale', 'superseded', 'quarantined'].map(o => events('positions', o))).toEqual([1, 1, 0, 0]);
    expect(['applied', 'stale', 'superseded', 'quarantined'].map(o => events('market_data', o))).toEqual([1, 1, 0, 0]);
    expect(text).toMatch(/tradetop_sync_commit_lag_seconds_count [4-8]\d/);
    expect(text).toMatch(/tradetop_sync_receive_lag_seconds_count [4-8]\d/);
    expect(text).toMatch(/tradetop_sync_batch_seconds_bucket\{le="10"\} \d/);
    expect([value('gaps_open'), value('gaps_total{state="filled"}'), value('queue_events'), value('link_up')]).toEqual([
      0, 1, 0, 1,
    ]);
    expect([value('ledger_trades'), value('retries_total'), value('database_up')].every(Number.isFinite)).toBe(true);
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(illNamed(text)).toEqual([]);
    await redisProxy.set('refuse');
    await waitFor('503', async () => (await ask('/healthz')).status === 503, SYNC_MS);
    expect((await ask('/secrets')).status).toBe(404);
    await expect(serveMetrics({host: '127.0.0.1', port: metrics.port}, () => service)).rejects.toThrow(
      'cannot be served',
    );
  } finally {
    await metrics.close();
  }
});

describe('when the bus breaks', () => {
  test.each(['reset', 'frozen'] as const)('by %s, the gap is declared and filled', async fault => {
    const service = start();
    await ready(service);
    const trades = deskTrades(90);
    await bookTrades(rig.pool, trades.slice(0, 30));
    await publish(trades.slice(0, 30));
    await waitFor('the first trades', () => service.stats().applied.trades === 30, SYNC_MS);
    await redisProxy.set(fault);
    await bookTrades(rig.pool, trades.slice(30, 60));
    await publish(trades.slice(30, 60));
    if (fault === 'reset') {
      await waitFor('the loss of the connection', () => service.stats().link.drops > 0, SYNC_MS);
      await redisProxy.set('pass');
    }
    const isBack = () => service.stats().link.drops > 0 && service.trouble() === undefined;
    await waitFor('the next subscription', isBack, SYNC_MS);
    await bookTrades(rig.pool, trades.slice(60));
    await publish(trades.slice(60));
    await synced(trades);
    const seen = await gaps();
    expect(seen.slice(1).map(gap => gap.reason)).toEqual(['disconnect']);
    await waitFor('the gap to be filled', async () => (await gaps()).every(gap => gap.filled), SYNC_MS);
  });

  test('a trade that is committed after a pass over its gap is recovered all the same', async () => {
    const service = start();
    await ready(service);
    const trades = deskTrades(2);
    const late = await rig.pool.connect();
    try {
      await late.query('BEGIN');
      await bookTrades(late, trades.slice(0, 1));
      await redisProxy.set('reset');
      await publish(trades.slice(0, 1));
      await redisProxy.set('pass');
      const passedOver = async (): Promise<boolean> => {
        const {rows} = await rig.pool.query(`SELECT passes FROM analytics.sync_gaps WHERE reason = 'disconnect'`);
        return rows[0]?.passes > 2;
      };
      await waitFor('passes over the gap', passedOver, SYNC_MS);
      expect((await gaps()).map(gap => gap.filled)).toEqual([true, false]);
      await late.query('COMMIT');
    } finally {
      late.release();
    }
    await synced(trades.slice(0, 1));
    await waitFor('the gap to be filled', async () => (await gaps()).every(gap => gap.filled), SYNC_MS);
    expect((await gaps())[1]).toEqual({reason: 'disconnect', recovered: 1, filled: true});
  });

  test('a trade that was never published is found by the sweep, and declared as a gap', async () => {
    const service = start();
    await ready(service);
    const trades = deskTrades(3);
    await bookTrades(rig.pool, trades);
    await synced(trades);
    const declared = async (): Promise<true> => {
      expect(await gaps()).toContainEqual({reason: 'unexplained', recovered: 3, filled: true});
      return true;
    };
    await waitFor('the gap', declared, SYNC_MS);
  });

  test('what no event told, a sweep makes out of date in the cache', async () => {
    const service = start({onChanged: createInvalidator(rig.bus)});
    await ready(service);
    const value = () =>
      cached(rig.bus, {
        key: cacheKeys.portfolio('ACC-90'),
        ttl: 600_000,
        load: async () => {
          const sum = `SELECT sum(total_value) AS value FROM analytics.portfolio_summary WHERE account_id = 'ACC-90'`;
          return (await rig.pool.query(sum)).rows[0].value ?? 'none';
        },
      });
    expect(await value()).toBe('none');
    const [trade] = deskTrades(1).map(one => ({...one, accountId: 'ACC-90' as SafeText}));
    await bookTrades(rig.pool, [trade as TradeEvent]);
    await waitFor('the trade that the sweep found', async () => (await value()) !== 'none', SYNC_MS);
    await rig.pool.query('UPDATE execution.trades SET total_value = 7');
    await waitFor('the row that a sweep found to be changed', async () => (await value()) === '7.0000', SYNC_MS);
  });
});

describe('when the database breaks', () => {
  test.each(['reset', 'refuse', 'frozen'] as const)('by %s, nothing is lost and nothing counted twice', async fault => {
    const service = start();
    await ready(service);
    const trades = deskTrades(120);
    await bookTrades(rig.pool, trades);
    await publish(trades.slice(0, 40));
    await waitFor('the first trades', () => service.stats().applied.trades === 40, SYNC_MS);
    await pgProxy.set(fault);
    await publish(trades.slice(40, 80));
    if (fault !== 'frozen') {
      await waitFor('the service to report the failure', () => service.stats().failing !== null, SYNC_MS);
      await pgProxy.set('pass');
    }
    await publish(trades.slice(80));
    await synced(trades);
  });

  test('what finds no room in the queue is declared as a gap and recovered', async () => {
    const service = start({limits: {trades: 50, keys: 10}});
    await ready(service);
    await pgProxy.set('refuse');
    const trades = deskTrades(500);
    await bookTrades(rig.pool, trades);
    await publish(trades);
    await waitFor('all to be received', () => service.stats().channels[0]?.received === 500, SYNC_MS);
    const {queue} = service.stats();
    // As many again may be in the batch in flight.
    expect(queue.trades).toBeLessThanOrEqual(100);
    expect(queue.overflowed).toBeGreaterThanOrEqual(400);
    await pgProxy.set('pass');
    await synced(trades);
    const isFilled = async () =>
      (await gaps()).some(gap => gap.reason === 'overflow' && gap.filled && gap.recovered >= 400);
    await waitFor('the overflow to be filled', isFilled, SYNC_MS);
  });
});
