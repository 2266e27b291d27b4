import type pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {Pg} from '../../../src/io/pg.ts';
import {orderLivesPoller} from '../../../src/monitor/order-lives.ts';
import {orderRatesPoller} from '../../../src/monitor/order-rates.ts';
import {ordersPoller} from '../../../src/monitor/orders.ts';
import {riskPoller} from '../../../src/monitor/risk.ts';
import {servicePerformancePoller} from '../../../src/monitor/service-performance.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import {type Database, runSql} from '../../helpers/servers/servers.ts';
import {failureIn, monitorPool, poolOfRole, readerOf, session} from '../../helpers/state/polls.ts';

let desk: Database;
let admin: pg.Client;
let trading: Pg;
const pools: Pg[] = [];
const roles: string[] = [];

beforeAll(async () => {
  desk = await cloneDesk();
  admin = await session(targetOf(desk), 'admin');
  trading = monitorPool(targetOf(desk));
  pools.push(trading);
  await admin.query(`
    INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity, price, status, strategy, created_at, updated_at)
      VALUES ('O-1', 'ACC-01', 'AAPL', 'sell', 'market', 25, NULL, 'partially_filled', 'momentum', now() - interval '2 minutes', now() - interval '90 s'),
             ('O-2', 'ACC-01', 'AAPL', 'buy', 'limit', 99999999999.9999, 10.5, 'pending', 'momentum', now() - interval '3 minutes', now() - interval '3 minutes'),
             ('O-3', 'ACC-02', 'MSFT', 'buy', 'limit', 10, 7, 'rejected', 'pairs', now() - interval '4 minutes', now() - interval '4 minutes'),
             ('O-4', 'ACC-02', 'MSFT', 'buy', 'limit', 10, 7, 'filled', 'pairs', now() - interval '1 minute', now());
    INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity, status, strategy, created_at)
      SELECT 'R-' || n, 'ACC-03', 'MSFT', 'buy', 'market', 1, CASE WHEN n <= 10 THEN 'rejected' ELSE 'cancelled' END::execution.order_status,
             'pairs', now() - n * interval '1 second'
        FROM generate_series(1, 60) AS n;
    INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, quantity, price, executed_at, strategy)
      VALUES ('T-1', 'O-1', 'ACC-01', 'AAPL', 10.5, 10, now(), 'momentum'), ('T-2', 'O-1', 'ACC-01', 'AAPL', 0.25, 10, now(), 'momentum');
    INSERT INTO execution.trades (trade_id, account_id, symbol, quantity, price, executed_at, strategy)
      SELECT 'U-' || n, 'ACC-03', 'MSFT', 1, 7, now() - interval '3 minutes' - n * interval '1 second', NULL FROM generate_series(1, 1497) AS n;
    INSERT INTO execution.positions (account_id, symbol, quantity, avg_price, market_value)
      VALUES ('ACC-01', 'AAPL', 100, 10, 1000.5), ('ACC-01', 'MSFT', 50, 10, NULL), ('ACC-02', 'AAPL', 1, 1, 0.0001);
    INSERT INTO risk_management.risk_limits (id, limit_type, account_id, strategy, symbol, limit_value, enabled)
      VALUES (101, 'max_exposure', 'ACC-01', NULL, NULL, 2000, true), (102, 'max_exposure', NULL, NULL, NULL, 1000, true),
             (103, 'max_position_value', NULL, NULL, 'AAPL', 10000, true), (104, 'max_position_quantity', 'ACC-02', NULL, NULL, 4, true),
             (105, 'max_order_value', NULL, 'momentum', NULL, 99999999999, true), (106, 'max_orders_per_minute', NULL, 'pairs', NULL, 120, true),
             (107, 'max_daily_loss', NULL, 'momentum', NULL, 100, true), (108, 'max_daily_loss', 'ACC-01', NULL, NULL, 100, true),
             (109, 'max_exposure', NULL, 'momentum', NULL, 5, true), (110, 'max_exposure', 'ACC-09', NULL, NULL, 5, true),
             (111, 'max_position_value', 'ACC-01', NULL, NULL, 1, false);
    INSERT INTO analytics.performance_metrics (strategy, date, total_trades, realized_pnl)
      VALUES ('momentum', (now() AT TIME ZONE 'UTC')::date, 2, -75.5), ('momentum', '2020-01-01', 2, -9999), ('pairs', (now() AT TIME ZONE 'UTC')::date, 2, 500);
    INSERT INTO analytics.sync_ledger (trade_id, account_id, symbol, strategy, trade_date, total_value, realized_pnl, source)
      VALUES ('T-1', 'ACC-01', 'AAPL', 'momentum', (now() AT TIME ZONE 'UTC')::date, 105, -25.25, 'table'),
             ('T-2', 'ACC-02', 'AAPL', 'momentum', (now() AT TIME ZONE 'UTC')::date, 105, -50.25, 'table'),
             ('T-3', 'ACC-01', 'AAPL', 'momentum', '2020-01-01', 105, -9999, 'table');
    INSERT INTO risk_management.risk_events (id, risk_limit_id, event_type, severity, message, occurred_at, acknowledged_at, acknowledged_by, resolved_at)
      VALUES (1001, 101, 'max_exposure', 'warning', 'near', now() - interval '1 minute', NULL, NULL, NULL),
             (1002, 102, 'max_exposure', 'critical', 'broken', now() - interval '1 day', NULL, NULL, NULL),
             (1003, NULL, 'halt', 'critical', 'seen', now() - interval '1 hour', now(), 'anna', NULL),
             (1004, NULL, 'halt', 'critical', 'settled', now(), now(), 'anna', now());
    INSERT INTO risk_management.risk_events (event_type, severity, message, occurred_at)
      SELECT 'order_rejected', 'info', 'r' || n, now() FROM generate_series(1, 300) AS n;
    ANALYZE;
  `);
});
afterAll(async () => {
  await Promise.all(pools.map(pool => pool.close()));
  await admin?.end();
  await desk?.drop();
  await runSql({...desk.config, database: 'postgres'}, roles.map(role => `DROP ROLE ${role};`).join(''));
});

const poolAs = (granted: string) => poolOfRole(desk, granted, {pools, roles});

describe('orders', () => {
  it('are the open ones from the oldest, the rejected ones, then the others, with what is filled to the last digit', async () => {
    const {orders: rows} = await readerOf(ordersPoller, {trading})();
    expect(rows.slice(0, 4).map(row => [row.orderId, row.status, row.quantity, row.filled])).toEqual([
      ['O-2', 'pending', '99999999999.9999', '0'],
      ['O-1', 'partially_filled', '25.0000', '10.7500'],
      ['R-1', 'rejected', '1.0000', '0'],
      ['R-2', 'rejected', '1.0000', '0'],
    ]);
    expect(rows).toHaveLength(64);
    expect(rows.findIndex(row => row.orderId === 'O-3')).toBe(12);
    expect(rows[1]?.idleSeconds).toBeGreaterThanOrEqual(90);
    expect(rows[1]?.idleSeconds).toBeLessThan(600);
  });

  it('have the last steps of their lives, the open ones and the newest, as safe text', async () => {
    await admin.query(`
      INSERT INTO execution.execution_logs (order_id, account_id, symbol, step, status, occurred_at, latency_ms, trade_id, reason)
        SELECT 'O-2', 'ACC-01', 'AAPL', n, 'pending', now() - interval '1 hour' + n * interval '1 s', n, 'T-' || n, E'no\\u001b[2Jt yet'
          FROM generate_series(1, 20) AS n;
      INSERT INTO execution.execution_logs (order_id, account_id, symbol, step, status, occurred_at, latency_ms, filled)
        VALUES ('O-4', 'ACC-02', 'MSFT', 1, 'filled', 'infinity', 999999999999.999, 99999999999.9999)`);
    const read = async (role: string) =>
      (await readerOf(orderLivesPoller, {trading: await poolAs(role)})()).order_lives;
    const lives = await read('tradetop_monitor');
    expect(lives.map(({orderId}) => orderId)).toEqual(['O-2', 'O-4']);
    expect(lives[0]?.steps.map(({latencyMs}) => latencyMs)).toEqual([9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
    expect(lives[0]?.steps[0]).toMatchObject({
      status: 'pending',
      latencyMs: 9,
      tradeId: 'T-9',
      reason: 'no␛[2Jt yet',
    });
    expect(lives[1]?.steps).toEqual([{status: 'filled', occurredAt: undefined, latencyMs: 999999999999.999}]);
    expect(await failureIn(read('svc_notification'))).toMatchObject({why: 'denied'});
  });

  it('have rates by strategy, and what is usual', async () => {
    const rows = (await readerOf(orderRatesPoller, {trading})()).order_rates;
    const of = (strategy: string) => rows.find(row => row.strategy === strategy);
    expect(of('pairs')).toMatchObject({fills: 0, usualFills: 0, peakFills: 0});
    // Of four minutes of orders the last fifth counts as now.
    expect(of('pairs')?.orderSeconds).toBeCloseTo(48, -1);
    expect(of('pairs')?.rejects).toBe(10);
    expect(of('momentum')).toMatchObject({fills: 2, usualOrders: 2});
    expect(of('(none)')).toMatchObject({fills: 0, usualFills: 1497, fillSeconds: 180});
    // One trade a second.
    expect(of('(none)')?.peakFills).toBe(180);
  });

  it('have beside them what each service measured of its queries in the last ten minutes', async () => {
    await admin.query(`
      INSERT INTO logging.performance_logs (service, operation, timestamp, avg_query_time, total_queries, slow_query_count)
        VALUES ('execution', 'a', now(), 0.1, 30, 2), ('execution', 'b', now() - interval '9 minutes', 0.5, 10, NULL),
               ('execution', 'old', now() - interval '11 minutes', 9, 9, 9), ('execution', 'ahead', now() + interval '1 h', 9, 9, 9),
               ('analytics', 'unmeasured', now(), NULL, 5, 0), ('logging', 'none', now(), 1, 0, 0)`);
    await admin.query(`
      INSERT INTO logging.performance_logs (service, operation, timestamp, duration_ms, details)
        VALUES ('execution', 'a', now(), 1200.5, '{"statement": "SELECT pg_sleep(?)"}'), ('execution', 'b', now(), 1100, '{"statement": "no"}'),
               ('execution', 'c', now() - interval '11 minutes', 9999, '{"statement": "old"}'), ('execution', 'd', now(), 8888, NULL)`);
    const read = async (role: string) =>
      (await readerOf(servicePerformancePoller, {trading: await poolAs(role)})()).service_performance;
    expect(await read('tradetop_monitor')).toEqual([
      {service: 'analytics', queries: 5, slow: 0, meanSeconds: undefined, slowest: undefined, slowestMs: undefined},
      {
        service: 'execution',
        queries: 40,
        slow: 2,
        meanSeconds: 0.2,
        slowest: 'SELECT pg_sleep(?)',
        slowestMs: 1200.5,
      },
    ]);
    expect(await failureIn(read(''))).toMatchObject({why: 'denied'});
  });

  it('are denied where a right lacks or row-level security hides them', async () => {
    const app = await poolAs('trading_app');
    expect(await failureIn(readerOf(ordersPoller, {trading: await poolAs('')})())).toMatchObject({why: 'denied'});
    expect(await failureIn(readerOf(ordersPoller, {trading: app})())).toMatchObject({
      why: 'denied',
      message: expect.stringContaining('row-level security hides execution.orders'),
    });
    expect(await failureIn(readerOf(riskPoller, {trading: app})())).toMatchObject({why: 'denied'});
    const monitor = await poolAs('tradetop_monitor');
    expect((await readerOf(ordersPoller, {trading: monitor})()).orders).toHaveLength(64);
    expect((await readerOf(riskPoller, {trading: monitor})()).risk_limits).toHaveLength(11);
  });
});

describe('risk', () => {
  it('tells what is used of each limit where rows can tell, exactly', async () => {
    const {risk_limits: limits} = await readerOf(riskPoller, {trading})();
    const used = Object.fromEntries(limits.map(row => [row.id, [row.used, row.percent, row.headroom, row.of]]));
    expect(used).toMatchObject({
      // A position without a mark counts at cost.
      101: ['1500.50000000', 75.025, '499.50000000', undefined],
      102: ['1500.50010000', 150.05001, '-500.50010000', undefined],
      103: ['1000.5000', 10.005, '8999.5000', 'ACC-01 AAPL'],
      104: ['1.0000', 25, '3.0000', 'ACC-02 AAPL'],
      105: ['1049999999999.99895000', expect.closeTo(1050, 3), '-950000000000.99895000', 'O-2'],
      107: ['75.5000', 75.5, '24.5000', undefined],
      108: ['25.2500', 25.25, '74.7500', undefined],
      109: [undefined, undefined, undefined, undefined],
      110: ['0', 0, '5.0000', undefined],
      111: [undefined, undefined, undefined, undefined],
    });
    expect(Number(used[106]?.[0])).toBeGreaterThan(0);
    expect(limits.slice(0, 2).map(row => row.id)).toEqual(['105', '102']);
    expect(limits.at(-1)).toMatchObject({id: '111', enabled: false});
  });

  it('lists every critical event that nobody has acknowledged, however many others there are', async () => {
    const {risk_events: events} = await readerOf(riskPoller, {trading})();
    expect(events.slice(0, 2).map(row => [row.id, row.severity])).toEqual([
      ['1002', 'critical'],
      ['1001', 'warning'],
    ]);
    expect(events.at(-1)).toMatchObject({id: '1003', acknowledgedBy: 'anna'});
    expect(events.filter(row => row.eventType === 'order_rejected')).toHaveLength(100);
    expect(events.map(row => row.id)).not.toContain('1004');
  });
});
