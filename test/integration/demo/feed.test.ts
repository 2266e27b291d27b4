import {Redis} from 'ioredis';
import pg from 'pg';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import {controlKind} from '../../../src/bus/control.ts';
import type {DeskEvent, Reject} from '../../../src/bus/event.ts';
import type {PositionEvent} from '../../../src/bus/kinds/positions.ts';
import {eventMessage} from '../../../src/bus/publish.ts';
import {streamKeys} from '../../../src/bus/streams.ts';
import {subscribe} from '../../../src/bus/subscribe.ts';
import {UserError} from '../../../src/core/errors.ts';
import {sanitise} from '../../../src/core/sanitise.ts';
import {secret} from '../../../src/core/secret.ts';
import {nowMicros} from '../../../src/core/time.ts';
import type {RedisServer} from '../../../src/demo/redis.ts';
import {type DeskCounts, type DeskOptions, runDesk} from '../../../src/feed/run-desk.ts';
import {SERVICES} from '../../../src/feed/services.ts';
import {parseRedisUrl} from '../../../src/io/redis-url.ts';
import {loadSql} from '../../../src/io/sql.ts';
import type {PgTarget, RedisTarget} from '../../../src/io/targets.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import {type FaultProxy, startProxy} from '../../helpers/servers/proxy.ts';
import {type Database, freshDatabase, ownRedis} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const sql = loadSql();
let redis: RedisServer;
let database: Database;
let pool: pg.Pool;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  redis = await ownRedis();
});
beforeEach(async () => {
  database = await cloneDesk();
  pool = new pg.Pool({...database.config, max: 2});
  pool.on('error', () => {});
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await pool.end();
  await database.drop();
});
afterAll(() => redis.stop());

const rows = async (text: string): Promise<readonly Record<string, string>[]> => (await pool.query(text)).rows;
const one = async (text: string): Promise<string> => String(Object.values((await rows(text))[0] ?? {})[0]);
const count = async (table: string): Promise<number> => Number(await one(`SELECT count(*) FROM ${table}`));

type Running = {readonly end: () => Promise<DeskCounts>; readonly said: readonly string[]};

function run(more: Partial<DeskOptions> = {}): Running {
  const ending = new AbortController();
  const said: string[] = [];
  const options: DeskOptions = {
    trading: targetOf(database),
    redis: parseRedisUrl(redis.url),
    sql,
    env: {},
    rate: 200,
    seed: 1,
    slowMs: 1000,
    say: line => said.push(line),
    ...more,
  };
  const over = runDesk(options, ending.signal);
  over.catch(() => {});
  const end = (): Promise<DeskCounts> => {
    ending.abort();
    return over;
  };
  cleanups.push(() => end().catch(() => {}));
  return {end, said};
}

const failureOf = async (more: Partial<DeskOptions>): Promise<UserError> => {
  const error = await runDesk(
    {
      trading: targetOf(database),
      redis: parseRedisUrl(redis.url),
      sql,
      env: {},
      rate: 5,
      seed: 1,
      slowMs: 1000,
      say: () => {},
      ...more,
    },
    new AbortController().signal,
  ).catch(error => error);
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
};

/** Collects everything that the bus carries from now on. */
async function listen() {
  const heard = {events: [] as DeskEvent[], rejects: [] as Reject[]};
  const ready = Promise.withResolvers<void>();
  const {close} = subscribe(parseRedisUrl(redis.url), {
    onEvent: event => heard.events.push(event),
    onReject: reject => heard.rejects.push(reject),
    onLink: link => link.state === 'ready' && ready.resolve(),
  });
  cleanups.push(close);
  await ready.promise;
  return {
    ...heard,
    trades: () => heard.events.filter(event => event.kind === 'trades').map(({data}) => data.tradeId as string),
  };
}

async function through(target: {host: string; port: number}): Promise<FaultProxy> {
  const proxy = await startProxy(target);
  cleanups.push(proxy.close);
  return proxy;
}

const moved = (target: RedisTarget, {host, port}: FaultProxy): RedisTarget => ({...target, nodes: [{host, port}]});

/** Violations of what must hold after every desk, a row each. */
const broken = (): Promise<readonly Record<string, string>[]> =>
  rows(`
    WITH sums AS (
      SELECT t.account_id, t.symbol, sum(CASE o.side WHEN 'buy' THEN t.quantity ELSE -t.quantity END) AS quantity
      FROM execution.trades t JOIN execution.orders o USING (order_id) GROUP BY 1, 2
    ), fills AS (SELECT order_id, sum(quantity) AS filled FROM execution.trades GROUP BY 1)
    SELECT 'position' AS what, account_id || symbol AS which FROM sums FULL JOIN execution.positions p USING (account_id, symbol)
      WHERE sums.quantity IS DISTINCT FROM p.quantity
    UNION ALL SELECT 'order', order_id FROM execution.orders o LEFT JOIN fills USING (order_id)
      WHERE coalesce(filled, 0) > o.quantity OR (o.status = 'filled') <> (coalesce(filled, 0) = o.quantity)
      OR (o.status = 'partially_filled' AND filled IS NULL) OR (o.status IN ('pending', 'submitted', 'rejected') AND filled > 0)
    UNION ALL SELECT 'life', o.order_id FROM execution.orders o LEFT JOIN LATERAL (
        SELECT count(*), max(step) AS last, (array_agg(status ORDER BY step DESC))[1] AS status, count(trade_id) AS fills,
               (array_agg(filled ORDER BY step DESC))[1] AS filled, bool_and((latency_ms IS NULL) = (step = 1)) AS timed,
               bool_and((status IN ('rejected', 'cancelled')) = (reason IS NOT NULL)) AS said
          FROM execution.execution_logs e WHERE e.order_id = o.order_id) AS l ON true LEFT JOIN fills USING (order_id)
      WHERE l.count = 0 OR l.count <> l.last OR l.status <> o.status OR NOT l.timed OR NOT l.said
        OR l.filled <> coalesce(fills.filled, 0) OR l.fills <> (SELECT count(*) FROM execution.trades t WHERE t.order_id = o.order_id)
    UNION ALL SELECT 'value', account_id || symbol FROM execution.positions
      WHERE market_value <> round(quantity * last_price, 4) OR unrealized_pnl <> market_value - round(quantity * avg_price, 4)`);

describe('the simulated desk on real servers', () => {
  it('gives an empty database a past, then trades; it publishes exactly what it writes', async () => {
    const bus = await listen();
    const desk = run();
    const kinds = () => new Set(bus.events.map(({kind, service}) => `${service} ${kind}`));
    await waitFor('every kind on the bus', () => bus.trades().length >= 100 && kinds().size === 3, 60_000);
    const counts = await desk.end();
    await waitFor('the last trade', () => bus.trades().length === counts.trades);
    const table = await rows(
      `SELECT trade_id, order_id, account_id, symbol, side, quantity, price, commission, strategy, trade_type, total_value,
              realized_pnl, trim_scale(win_rate) AS win_rate FROM execution.trades`,
    );
    const byId = new Map(table.map(row => [row.trade_id, row]));
    expect(new Set(bus.trades()).size).toBe(counts.trades);
    for (const {kind, data} of bus.events) {
      if (kind !== 'trades') continue;
      const {executedAt: _, ...stated} = data;
      const {order_id, account_id, trade_id, trade_type, total_value, realized_pnl, win_rate, ...same} =
        byId.get(data.tradeId) ?? {};
      const row = {orderId: order_id, accountId: account_id, tradeId: trade_id, tradeType: trade_type, ...same};
      const figures = {totalValue: total_value, realizedPnl: realized_pnl, winRate: win_rate ?? undefined};
      expect({...row, ...figures}).toEqual(stated);
    }
    expect(table.length - counts.trades).toBeGreaterThan(300);
    expect(await broken()).toEqual([]);
    expect(bus.rejects).toEqual([]);
    expect(counts).toMatchObject({dropped: 0, published: bus.events.length});
    expect(kinds()).toEqual(new Set(['execution trades', 'execution positions', 'data_ingestion market_data']));
    expect(Number(await one('SELECT count(DISTINCT symbol) FROM data_ingestion.market_data'))).toBe(30);
    expect(await count('data_ingestion.market_data')).toBeGreaterThanOrEqual(1800);
  });

  it('fills the shards of the stream as well, each account and each symbol in one', async () => {
    const bus = new Redis(redis.url);
    cleanups.push(() => bus.disconnect());
    await bus.set('data_sync:shards', '4');
    cleanups.push(() => bus.del('data_sync:shards', ...streamKeys(4)));
    const desk = run({streams: true});
    const lengths = () => Promise.all(streamKeys(4).map(key => bus.xlen(key)));
    await waitFor('events in every shard', async () => (await lengths()).slice(1).every(length => length > 20), 60_000);
    const counts = await desk.end();
    expect((await lengths()).reduce((a, b) => a + b)).toBe(counts.published);
    expect((await lengths())[0]).toBe(0);
  });

  it('publishes each position as the table has it, and each bar', async () => {
    const bus = await listen();
    const desk = run({rate: 50});
    await waitFor('bars and positions', () => new Set(bus.events.map(e => e.kind)).size === 3, 60_000);
    const counts = await desk.end();
    await waitFor('the last event', () => bus.events.length === counts.published);
    const last = new Map<string, PositionEvent>(
      bus.events.flatMap(e =>
        e.kind === 'positions' ? [[`${e.data.accountId} ${e.data.symbol}`, e.data] as const] : [],
      ),
    );
    expect(last.size).toBeGreaterThan(0);
    const table = await rows(
      'SELECT account_id, symbol, quantity, avg_price, market_value, unrealized_pnl, realized_pnl FROM execution.positions',
    );
    for (const row of table) {
      const event = last.get(`${row.account_id} ${row.symbol}`);
      if (!event) continue;
      expect([event.quantity, event.avgPrice, event.marketValue, event.unrealizedPnl, event.realizedPnl]).toEqual([
        row.quantity,
        row.avg_price,
        row.market_value,
        row.unrealized_pnl,
        row.realized_pnl,
      ]);
    }
  });

  it('makes the same trades from the same seed on another database', async () => {
    const other = await cloneDesk();
    cleanups.push(other.drop);
    const all = `SELECT trade_id, t.order_id, t.account_id, t.symbol, o.side, t.quantity, t.price, commission, t.strategy, trade_type
      FROM execution.trades t JOIN execution.orders o USING (order_id) ORDER BY t.id LIMIT 500`;
    const reaches = async (): Promise<boolean> => (await count('execution.trades')) >= 500;
    const [here, there] = [run({seed: 7, rate: 400}), run({seed: 7, rate: 100, trading: targetOf(other)})];
    await waitFor('500 trades', reaches, 60_000);
    const second = new pg.Pool(other.config);
    cleanups.push(() => second.end());
    await waitFor(
      '500 trades there',
      async () => Number((await second.query('SELECT count(*) FROM execution.trades')).rows[0].count) >= 500,
      60_000,
    );
    await Promise.all([here.end(), there.end()]);
    expect((await second.query(all)).rows).toEqual(await rows(all));
  });

  it('continues where the last run ended, and leaves no abandoned order working', async () => {
    const first = run({seed: 4});
    await waitFor('trades', async () => (await count('execution.trades')) > 500, 60_000);
    await first.end();
    const last = await one('SELECT trade_id FROM execution.trades ORDER BY id DESC LIMIT 1');
    const before = await count('execution.trades');
    const second = run({seed: 4});
    await waitFor('more trades', async () => (await count('execution.trades')) > before + 50, 60_000);
    await second.end();
    const next = await one(`SELECT min(trade_id) FROM execution.trades WHERE trade_id > '${last}'`);
    expect(Number(next.slice(-8))).toBe(Number(last.slice(-8)) + 1);
    expect(await broken()).toEqual([]);
    const third = run({seed: 5});
    await waitFor(
      'another seed',
      async () => (await one(`SELECT count(*) FROM execution.trades WHERE trade_id LIKE 'T-5-%'`)) !== '0',
      60_000,
    );
    await third.end();
    expect(await broken()).toEqual([]);
  });

  it('says how its source of bars does: which symbol is late, and why none can be written', async () => {
    const states = () =>
      rows(`SELECT state, count(*)::text AS n, min(error) AS error, bool_and(last_bar_at IS NOT NULL) AS brought
      FROM data_ingestion.ingestion_status WHERE source = 'feed' GROUP BY state ORDER BY state`);
    const is = (what: string, expected: unknown) =>
      waitFor(
        what,
        async () => {
          expect(await states()).toEqual(expected);
          return true;
        },
        30_000,
      );
    await pool.query(`INSERT INTO data_ingestion.ingestion_status (source, symbol, expected_seconds, state, error)
      VALUES ('feed', 'AAPL', 60, 'error', 'of an earlier run')`);
    // With a trade there is a past: none is invented, and the symbol has no bars at all.
    await pool.query(`INSERT INTO execution.trades (trade_id, account_id, symbol, quantity, price, executed_at)
      VALUES ('old', 'A', 'AAPL', 1, 1, now())`);
    const {said} = run({rate: 5, without: 'TSLA'});
    await is('a symbol without prices', [
      {state: 'late', n: '1', error: null, brought: false},
      {state: 'ok', n: '29', error: null, brought: true},
    ]);
    await pool.query(`ALTER TABLE data_ingestion.market_data ADD CONSTRAINT none CHECK (symbol = '') NOT VALID`);
    await waitFor('an error', async () => /none/.test((await states())[0]?.error ?? ''), 30_000);
    expect((await states()).map(({state, n}) => [state, n])).toEqual([['error', '30']]);
    await pool.query('ALTER TABLE data_ingestion.market_data DROP CONSTRAINT none');
    await waitFor('an end of it', async () => (await states()).length === 2, 60_000);
    expect(await rows(sql.statement('verify/data_ingestion_status', 18))).toEqual([]);
    expect(said.filter(line => line.startsWith('data_ingestion')).every(line => /none/.test(line))).toBe(true);
  });

  it('writes the signals, risk events, logs and performance of its services', async () => {
    run({rate: 500, slowMs: 0.001});
    for (const table of [
      'strategy_engine.strategy_signals',
      'risk_management.risk_events',
      'notification.notification_logs',
      'logging.system_logs',
      'logging.performance_logs',
    ]) {
      await waitFor(`rows in ${table}`, async () => (await count(table)) > 0, 60_000);
    }
    await waitFor(
      'a slow report',
      async () => (await one(`SELECT count(*) FROM logging.system_logs WHERE event_type = 'slow_query'`)) !== '0',
      60_000,
    );
    expect(await one(`SELECT min(slow_query_count) FROM logging.performance_logs`)).not.toBe('0');
    expect(await rows(`SELECT DISTINCT level FROM logging.system_logs ORDER BY 1`)).toEqual([
      {level: 'INFO'},
      {level: 'WARNING'},
    ]);
    const services = await rows(`SELECT DISTINCT application_name AS name FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = ANY ('{${SERVICES.join(',')}}')`);
    expect(services).toHaveLength(SERVICES.length);
  });

  it('lets each service log in as its own role if it knows the password', async () => {
    const password = 'a password for the tests';
    for (const name of SERVICES) await pool.query(`ALTER ROLE svc_${name} PASSWORD '${password}'`);
    const env = Object.fromEntries(SERVICES.map(name => [`SVC_${name.toUpperCase()}_PASSWORD`, password]));
    const nobody: PgTarget = {...targetOf(database), user: 'nobody', password: secret('wrong')};
    const desk = run({trading: nobody, env, rate: 100});
    for (const table of [
      'strategy_engine.strategy_signals',
      'notification.notification_logs',
      'logging.performance_logs',
    ]) {
      await waitFor(`rows in ${table}`, async () => (await count(table)) > 0, 60_000);
    }
    const users = await rows(
      `SELECT DISTINCT usename::text AS name FROM pg_stat_activity WHERE datname = current_database() AND usename LIKE 'svc%'`,
    );
    expect(users).toHaveLength(SERVICES.length);
    await desk.end();
    expect(desk.said.filter(line => /denied|permission/.test(line))).toEqual([]);
  });
});

describe('a desk that loses its servers', () => {
  it('waits for PostgreSQL, and publishes nothing that was not written', async () => {
    const {host, port} = database.config;
    const proxy = await through({host, port});
    const bus = await listen();
    const desk = run({trading: {...targetOf(database), host: proxy.host, port: proxy.port}});
    await waitFor('trades', () => bus.trades().length > 30, 60_000);
    for (const mode of ['reset', 'refuse', 'frozen'] as const) {
      await proxy.set(mode);
      await waitFor(`a failure by ${mode}`, () => desk.said.some(line => line.startsWith('execution: ')));
      const before = bus.trades().length;
      await proxy.set('pass');
      await waitFor(`trades after ${mode}`, () => bus.trades().length > before + 30, 60_000);
    }
    const counts = await desk.end();
    await waitFor('the last trade', () => bus.trades().length === counts.trades);
    const table = new Set((await rows('SELECT trade_id FROM execution.trades')).map(row => row.trade_id));
    expect(bus.trades().filter(id => !table.has(id))).toEqual([]);
    const numbers = bus.trades().map(id => Number(id.slice(-8)));
    expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] as number) + i));
    expect(await broken()).toEqual([]);
  });

  it('continues to trade while Redis is away, and publishes the rest later', async () => {
    const proxy = await through({host: '127.0.0.1', port: redis.port});
    const bus = await listen();
    const desk = run({redis: moved(parseRedisUrl(redis.url), proxy)});
    await waitFor('trades', () => bus.trades().length > 20, 60_000);
    await proxy.set('refuse');
    const [heard, written] = [bus.trades().length, await count('execution.trades')];
    await waitFor('trades without Redis', async () => (await count('execution.trades')) > written + 100, 60_000);
    expect(bus.trades().length).toBeLessThan(heard + 100);
    await proxy.set('pass');
    await waitFor('what waited', () => bus.trades().length > heard + 100, 60_000);
    const counts = await desk.end();
    await waitFor('the last trade', () => new Set(bus.trades()).size === counts.trades);
    expect(counts.dropped).toBe(0);
  });

  it('ends while its servers are away', async () => {
    const {host, port} = database.config;
    const [postgres, bus] = [await through({host, port}), await through({host: '127.0.0.1', port: redis.port})];
    const trading = {...targetOf(database), host: postgres.host, port: postgres.port};
    const desk = run({trading, redis: moved(parseRedisUrl(redis.url), bus)});
    await waitFor('trades', async () => (await count('execution.trades')) > 500, 60_000);
    await Promise.all([postgres.set('blackhole'), bus.set('blackhole')]);
    await desk.end();
  });
});

describe('a desk that cannot begin', () => {
  it('reports that the database is not set up', async () => {
    const empty = await freshDatabase();
    cleanups.push(empty.drop);
    expect(await failureOf({trading: targetOf(empty)})).toMatchObject({next: 'Run: tradetop setup', exitCode: 2});
  });

  it('reports that another desk has the database', async () => {
    const desk = run();
    await waitFor('trades', async () => (await count('execution.trades')) > 0, 60_000);
    expect((await failureOf({})).message).toBe('Another simulated desk runs on this database.');
    await desk.end();
  });

  it('reports a user without the rights', async () => {
    const password = 'a password for the tests';
    await pool.query(`ALTER ROLE tradetop_monitor PASSWORD '${password}'`);
    const {message, next} = await failureOf({trading: targetOf(database, 'tradetop_monitor', password)});
    expect(message).toMatch(/accepts no writes|has no right to trade/);
    expect(next).not.toBe('');
  });

  it('obeys a strategy’s status, at once where an operator tells it', async () => {
    run();
    await waitFor('trades', async () => (await count('execution.trades')) > 50);
    await pool.query("UPDATE strategy_engine.strategies SET status = 'stopped' WHERE name <> 'vwap'");
    const client = new Redis(redis.url);
    cleanups.push(() => client.disconnect());
    const event = {
      strategy: 'momentum',
      status: 'stopped',
      version: '2',
      changedBy: undefined,
      reason: undefined,
    } as const;
    const {channel, text} = eventMessage(controlKind, {...event, strategy: sanitise(event.strategy)}, nowMicros());
    expect(await client.publish(channel, text)).toBe(1);
    const open =
      "SELECT count(*) FROM execution.orders WHERE strategy <> 'vwap' AND status IN ('pending', 'submitted', 'partially_filled')";
    await waitFor('the orders of the others to be cancelled', async () => (await one(open)) === '0');
    const last = await one('SELECT max(id) FROM execution.trades');
    await waitFor(
      'more trades',
      async () => Number(await one(`SELECT count(*) FROM execution.trades WHERE id > ${last}`)) > 20,
    );
    expect(await rows(`SELECT DISTINCT strategy FROM execution.trades WHERE id > ${last}`)).toEqual([
      {strategy: 'vwap'},
    ]);
  });

  it('reports a server that does not answer or refuses, without showing a password', async () => {
    const nowhere = await through({host: '127.0.0.1', port: 1});
    await nowhere.set('refuse');
    const {host, port} = nowhere;
    expect((await failureOf({trading: {...targetOf(database), host, port}})).message).toMatch(
      /PostgreSQL at .* does not answer/,
    );
    expect((await failureOf({redis: moved(parseRedisUrl(redis.url), nowhere)})).message).toMatch(
      /Redis at .* does not answer: .*ECONNREFUSED/,
    );
    const wrong = redis.url.replace(redis.password, 'sesame');
    const {message} = await failureOf({redis: parseRedisUrl(wrong)});
    expect(message).toMatch(/Redis at .* refuses the connection: WRONGPASS/);
    expect(message).not.toContain('sesame');
    const client = new Redis(redis.url);
    cleanups.push(() => client.disconnect());
    await waitFor(
      'no connection to be left',
      async () => !String(await client.client('LIST')).includes('name=tradetop-feed'),
    );
  });
});
