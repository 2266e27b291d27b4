import type {Redis} from 'ioredis';
import pg from 'pg';
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest';
import type {MetricEvent, Reject} from '../../../src/bus/event.ts';
import {METRIC_RIGHTS} from '../../../src/bus/rights.ts';
import {subscribe} from '../../../src/bus/subscribe.ts';
import type {RedisServer} from '../../../src/demo/redis.ts';
import {openRedis} from '../../../src/io/redis.ts';
import {parseRedisUrl} from '../../../src/io/redis-url.ts';
import {readStatement} from '../../../src/io/sql.ts';
import {readServicePerformance} from '../../../src/monitor/service-performance.ts';
import {cached, invalidateCached, LoadTimeoutError, takeCacheCounts} from '../../../src/service/cache.ts';
import {createInvalidator} from '../../../src/service/cache-keys.ts';
import {createPools} from '../../../src/service/create-pools.ts';
import {publishMetrics} from '../../../src/service/publish-metrics.ts';
import {trackQueryPerformance} from '../../../src/service/query-performance.ts';
import {createServiceLog} from '../../../src/service/service-log.ts';
import {envOf} from '../../helpers/desk/console.ts';
import {cloneDesk} from '../../helpers/desk/desk.ts';
import {type FaultProxy, startProxy} from '../../helpers/servers/proxy.ts';
import {type Database, ownRedis, runSql} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

// One database, one Redis and a path to each that can fail, for everything that a service takes from the package.
let database: Database;
let server: RedisServer;
let [toPostgres, toRedis]: FaultProxy[] = [];
let admin: pg.Pool;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  [database, server] = await Promise.all([cloneDesk(), ownRedis()]);
  [toPostgres, toRedis] = await Promise.all([
    startProxy(database.config),
    startProxy({host: '127.0.0.1', port: server.port}),
  ]);
  admin = new pg.Pool({...database.config, max: 2});
  admin.on('error', () => {});
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await Promise.all([toPostgres?.set('pass'), toRedis?.set('pass')]);
});
afterAll(async () => {
  await admin?.end();
  await Promise.all([toPostgres?.close(), toRedis?.close(), server?.stop(), database?.drop()]);
});

const rows = async (text: string) => (await admin.query(text)).rows as Record<string, string>[];

/** A pool of a service's own, by its role, over the path that can fail. */
function poolOf(role: string, config: pg.PoolConfig = {}): pg.Pool {
  const {port} = toPostgres as FaultProxy;
  const pool = new pg.Pool({...database.config, port, max: 2, options: `-c role=${role}`, ...config});
  pool.on('error', () => {});
  cleanups.push(() => pool.end());
  return pool;
}

const redisUrl = (through?: FaultProxy): string => server.url.replace(/:\d+\/0$/, `:${through?.port ?? server.port}/0`);

/** A client as a process has one. */
async function redisClient(through?: FaultProxy, url = redisUrl(through)): Promise<Redis> {
  const client = openRedis(parseRedisUrl(url), {name: 'test', offline: 'fail'}) as Redis;
  cleanups.push(() => client.disconnect());
  await waitFor('Redis', () => client.status === 'ready');
  return client;
}

describe('a service’s log', () => {
  it('writes rows by the service’s role, and says how many lines were lost while the database was away', async () => {
    const log = createServiceLog(poolOf('svc_execution'), {service: 'execution', everyMs: 50});
    const price = {price: 12_345_678_901_234_567_890n, nul: '\0', half: '\ud800', password: 'hunter2'};
    log.withCorrelation('T-1', () => log.logger.warn({event_type: 'fill', ...price}, 'filled'));
    await waitFor('the row', () => log.counts().written === 1);
    expect(
      await rows(`SELECT service, level, event_type, message, correlation_id, context::text FROM logging.system_logs`),
    ).toEqual([
      {
        service: 'execution',
        level: 'WARNING',
        event_type: 'fill',
        message: 'filled',
        correlation_id: 'T-1',
        context: '{"nul": "", "half": "�", "price": 12345678901234567890, "password": "***"}',
      },
    ]);
    await toPostgres?.set('reset');
    log.logger.error('kept');
    for (let i = 0; i < 12_000; i++) log.logger.info({i}, 'a line');
    await log.flush();
    expect(log.counts()).toEqual({written: 1, waiting: 10_000, lost: 2001});
    await toPostgres?.set('pass');
    await waitFor('everything that waited', () => log.counts().waiting === 0);
    expect(await log.close()).toBe(2001);
    expect(
      await rows(`
        SELECT level, count(*)::int, min(message) AS message FROM logging.system_logs WHERE message <> 'filled'
         GROUP BY level ORDER BY level`),
    ).toEqual([
      {level: 'ERROR', count: 1, message: 'kept'},
      {level: 'INFO', count: 9999, message: 'a line'},
      {level: 'WARNING', count: 1, message: expect.stringMatching(/^2001 log lines were lost \(2001 INFO\)/)},
    ]);
  });
});

describe('the measurement of queries', () => {
  it('counts what a pool and its clients ask, writes it without values, and gives the review’s summary', async () => {
    const pool = poolOf('svc_execution', {max: 1});
    const measured = trackQueryPerformance(pool, {service: 'execution', slowMs: 200, everyMs: 60_000});
    const [one] = (await pool.query<{n: number}>('/* desk:orders */ SELECT $1::int AS n', [7])).rows;
    expect(one?.n).toBe(7);
    const client = await pool.connect();
    expect((await client.query({text: `SELECT 'secret', pg_sleep(0.25)`, rowMode: 'array'})).rows).toEqual([
      ['secret', ''],
    ]);
    await expect(client.query('SELECT 1 / 0')).rejects.toMatchObject({code: '22012'});
    client.release();
    await new Promise<void>((resolve, reject) =>
      pool.query('/* desk:orders */ SELECT $1::int AS n', [8], error => (error ? reject(error) : resolve())),
    );
    expect(measured.getPerformanceSummary()).toEqual({
      execution: {avg_query_time: expect.any(Number), total_queries: 4, slow_query_count: expect.any(Number)},
    });
    // What cannot be written is kept.
    await toPostgres?.set('reset');
    await measured.flush();
    await toPostgres?.set('pass');
    await measured.close();
    const written = await rows(`
      SELECT operation, total_queries, details ->> 'failed' AS failed, details ->> 'statement' AS statement
        FROM logging.performance_logs WHERE service = 'execution' AND total_queries > 0 ORDER BY 2 DESC, 1`);
    expect(written).toEqual([
      {operation: 'orders', total_queries: '2', failed: '0', statement: 'SELECT $1::int AS n'},
      {operation: 'SELECT ? / ?', total_queries: '1', failed: '1', statement: null},
      {operation: 'SELECT ?, pg_sleep(?)', total_queries: '1', failed: '0', statement: null},
    ]);
    const slow = 'SELECT ?, pg_sleep(?)';
    // A busy machine may have made others slow, too.
    expect(
      await rows(`
        SELECT operation, details ->> 'statement' AS statement FROM logging.performance_logs
         WHERE service = 'execution' AND total_queries IS NULL AND duration_ms >= 250`),
    ).toContainEqual({operation: slow, statement: slow});
    const query = async (statement: string, values: readonly unknown[] = []) =>
      (await admin.query(readStatement(statement), [...values])).rows;
    expect(await readServicePerformance({pgVersion: () => 18, query}, 600)).toMatchObject([
      {service: 'execution', queries: 4, slow: expect.any(Number), slowestMs: expect.any(Number)},
    ]);
  });
});

describe('the pools of a process', () => {
  it('log in by role, say how they are, and are published on the bus for those who ask for it', async () => {
    await runSql(database.config, `ALTER ROLE svc_risk_management PASSWORD 'a password for the tests'`);
    const env = {
      ...envOf(database, {redis: {...server, url: redisUrl()}}),
      POSTGRES_PORT: String(toPostgres?.port),
      SVC_RISK_MANAGEMENT_PASSWORD: 'a password for the tests',
    };
    const heard: MetricEvent[] = [];
    const rejected: Reject[] = [];
    const both = {onEvent: () => {}, onReject: (reject: Reject) => rejected.push(reject)};
    const links = [{onMetric: (event: MetricEvent) => heard.push(event)}, {}].map(more => {
      const {promise, resolve} = Promise.withResolvers<void>();
      const onLink = ({state}: {readonly state: string}) => state === 'ready' && resolve();
      cleanups.push(subscribe(parseRedisUrl(redisUrl()), {...both, ...more, onLink}).close);
      return promise;
    });
    await Promise.all(links);
    const states: string[] = [];
    const pools = createPools({
      services: {risk_management: {max: 1, connectMs: 20_000, statementMs: 5000}},
      prefect: {max: 1},
      env: {...env, PREFECT_DB_NAME: database.name},
      everyMs: 50,
      onHealth: ({pool, state}) => states.push(`${pool} ${state}`),
    });
    cleanups.push(() => pools.close());
    await waitFor('both pools', () => states.length >= 2);
    expect(states.toSorted()).toEqual(['prefect ok', 'risk_management ok']);
    const {risk_management: risk} = pools.services;
    const facts = `SELECT current_user AS role, current_setting('application_name') AS name, current_setting('statement_timeout') AS ms`;
    expect((await risk.query(facts)).rows).toEqual([{role: 'svc_risk_management', name: 'risk_management', ms: '5s'}]);
    const client = await risk.connect();
    const late = risk.query(facts);
    await waitFor('the pool to be full', () => states.includes('risk_management waiting'));
    expect(pools.metrics()[0]).toEqual({pool: 'risk_management', size: 1, inUse: 1, waiting: 1, max: 1});
    await waitFor('a message that says so', () =>
      heard.find(({kind, service, data}) => kind === 'pools' && service === 'risk_management' && data.waiting === '1'),
    );
    client.release();
    await late;
    await toPostgres?.set('refuse');
    for (const one of [risk, pools.prefect as pg.Pool]) {
      await one.query({text: facts, query_timeout: 500} as pg.QueryConfig).catch(() => {});
    }
    await waitFor('the failure', () => pools.health().every(({state, error}) => state === 'down' && error), 60_000);
    await toPostgres?.set('pass');
    await waitFor('both pools again', () => pools.health().every(({state}) => state === 'ok'));
    expect(rejected).toEqual([]);
  });
});

describe('the cache', () => {
  const load = <T>(value: T, calls: {n: number} = {n: 0}) => {
    const run = async (): Promise<T> => {
      calls.n++;
      return value;
    };
    return Object.assign(run, {calls});
  };

  it('loads once for all processes, and gives each caller a value of its own', async () => {
    const [one, other] = [await redisClient(), await redisClient()];
    const gate = Promise.withResolvers<void>();
    let calls = 0;
    const options = {
      key: 'portfolio:{ACC}-01 %',
      ttl: 60_000,
      load: async () => {
        calls++;
        await gate.promise;
        return {total: '9007199254740993.1', list: [1]};
      },
    };
    const asked = [one, one, other, other].map(redis => cached(redis, options));
    await waitFor('the load', () => calls > 0);
    gate.resolve();
    const values = await Promise.all(asked);
    expect(calls).toBe(1);
    values[0]?.list.push(2);
    expect(values.slice(1)).toEqual(Array.from({length: 3}, () => ({total: '9007199254740993.1', list: [1]})));
    expect(takeCacheCounts(one).concat(takeCacheCounts(other))).toEqual([
      {cache: 'portfolio', hits: expect.any(Number), misses: expect.any(Number), errors: 0},
      {cache: 'portfolio', hits: expect.any(Number), misses: expect.any(Number), errors: 0},
    ]);
    expect(takeCacheCounts(one)).toEqual([]);
    const [key] = await one.keys('tradetop:cache:*');
    expect(await one.keys('tradetop:cache:*')).toHaveLength(1);
    const ttl = await one.pttl(key as string);
    expect(ttl > 50_000 && ttl <= 60_000).toBe(true);
  });

  it('keeps that there is nothing, for less long; and nothing of what fails, hangs or is no JSON', async () => {
    const redis = await redisClient();
    const nothing = load(undefined);
    expect([
      await cached(redis, {key: 'none', ttl: 60_000, load: nothing}),
      await cached(redis, {key: 'none', ttl: 60_000, load: nothing}),
    ]).toEqual([undefined, undefined]);
    expect(nothing.calls.n).toBe(1);
    expect(await redis.pttl('tradetop:cache:{none}')).toBeLessThanOrEqual(5000);
    const failure = new Error('refused');
    const failing = () =>
      cached(redis, {
        key: 'fails',
        ttl: 1000,
        load: () => {
          throw failure;
        },
      });
    await expect(failing()).rejects.toBe(failure);
    let aborted = false;
    const hanging = cached(redis, {
      key: 'hangs',
      ttl: 1000,
      loadMs: 30,
      load: signal =>
        new Promise(() => {
          signal.addEventListener('abort', () => (aborted = true));
        }),
    });
    await expect(hanging).rejects.toBeInstanceOf(LoadTimeoutError);
    expect(aborted).toBe(true);
    const ring: {self?: unknown; big: bigint} = {big: 1n};
    ring.self = ring;
    expect(await cached(redis, {key: 'ring', ttl: 1000, load: load(ring)})).toBe(ring);
    const long = 'x'.repeat(2_000_000);
    expect(await cached(redis, {key: 'long', ttl: 1000, load: load(long)})).toBe(long);
    await waitFor('the locks to be gone', async () => (await redis.keys('tradetop:cache:*:lock')).length === 0);
    expect(await redis.exists('tradetop:cache:{fails}', 'tradetop:cache:{ring}', 'tradetop:cache:{long}')).toBe(0);
  });

  it('loads anew what was invalidated, evicted or overwritten, and keeps nothing that was read before', async () => {
    const redis = await redisClient();
    const options = {key: 'marks:AAPL', ttl: 60_000};
    const gate = Promise.withResolvers<string>();
    const before = cached(redis, {...options, load: () => gate.promise});
    await waitFor('the lock', () => redis.exists('tradetop:cache:{marks:AAPL}:lock'));
    createInvalidator(redis)({accounts: [], symbols: ['AAPL']});
    await waitFor('the invalidation', async () => (await redis.exists('tradetop:cache:{marks:AAPL}:lock')) === 0);
    const after = cached(redis, {...options, load: load('new')});
    gate.resolve('old');
    expect([await before, await after, await cached(redis, {...options, load: load('?')})]).toEqual([
      'old',
      'new',
      'new',
    ]);
    await redis.del('tradetop:cache:{marks:AAPL}');
    expect(await cached(redis, {...options, load: load('loaded')})).toBe('loaded');
    const parse = (value: unknown): string => {
      if (typeof value !== 'string') throw new Error('no text');
      return value;
    };
    for (const poison of ['no JSON', 'null', '7', '{"value":{"a":1}}']) {
      await redis.set('tradetop:cache:{marks:AAPL}', poison);
      expect(await cached(redis, {...options, load: load('right'), parse})).toBe('right');
      expect(await redis.get('tradetop:cache:{marks:AAPL}')).toBe('{"value":"right"}');
    }
    expect(await invalidateCached(redis, ['marks:AAPL'])).toBe(true);
  });

  it('misses where Redis is away, full or refuses, without an error and without a long wait', async () => {
    const redis = await redisClient(toRedis);
    const direct = await redisClient();
    const ask = (key: string, value: string) => cached(redis, {key, ttl: 1000, load: load(value)});
    await toRedis?.set('blackhole');
    const limit = AbortSignal.timeout(20_000);
    // The first call waits for Redis, all others do not even try.
    const many = Array.from({length: 200}, (_, i) => ask(`away:${i}`, String(i)));
    expect(await Promise.all(many)).toEqual(Array.from({length: 200}, (_, i) => String(i)));
    expect(limit.aborted).toBe(false);
    expect(takeCacheCounts(redis)[0]).toMatchObject({hits: 0, misses: 200});
    expect(await invalidateCached(redis, ['away:1'])).toBe(false);
    await toRedis?.set('reset');
    expect(await ask('down', 'v')).toBe('v');
    await toRedis?.set('pass');
    await direct.config('SET', 'maxmemory', '1');
    try {
      expect(await cached(direct, {key: 'full', ttl: 1000, load: load('v')})).toBe('v');
    } finally {
      await direct.config('SET', 'maxmemory', '0');
    }
    const {port} = server;
    await direct.call('ACL', 'SETUSER', 'nobody', 'on', '>pw', '-@all', '+ping', '+info', '+client|setname');
    const refused = await redisClient(undefined, `redis://nobody:pw@127.0.0.1:${port}/0`);
    expect(await cached(refused, {key: 'denied', ttl: 1000, load: load('v')})).toBe('v');
  });

  it('and the metrics need no other rights of Redis than those that are named', async () => {
    const direct = await redisClient();
    await direct.call('ACL', 'LOG', 'RESET');
    await direct.call('ACL', 'SETUSER', 'least', 'on', '>pw', '-@all', ...METRIC_RIGHTS.split(' '));
    const redis = await redisClient(undefined, `redis://least:pw@127.0.0.1:${server.port}/0`);
    expect(await cached(redis, {key: 'least', ttl: 1000, load: load('v')})).toBe('v');
    expect(await invalidateCached(redis, ['least'])).toBe(true);
    const pool = {pool: 'p', size: 1, inUse: 1, waiting: 0, max: 1};
    await publishMetrics(redis, {service: 's', pools: () => [pool], caches: () => takeCacheCounts(redis)}).close();
    expect(await direct.call('ACL', 'LOG')).toEqual([]);
  });
});
