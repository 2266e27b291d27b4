import {Redis} from 'ioredis';
import pg from 'pg';
import {afterAll, afterEach, beforeAll, test, vi} from 'vitest';
import {secret} from '../../../src/core/secret.ts';
import type {PostgresServer} from '../../../src/demo/postgres.ts';
import type {RedisServer} from '../../../src/demo/redis.ts';
import {openPg} from '../../../src/io/pg.ts';
import {parseRedisUrl} from '../../../src/io/redis-url.ts';
import {loadSql} from '../../../src/io/sql.ts';
import type {PgTarget} from '../../../src/io/targets.ts';
import {setUp} from '../../../src/setup/setup.ts';
import type {SyncService} from '../../../src/sync/service.ts';
import {type Mode, startFlow} from '../../helpers/desk/desk-flow.ts';
import {startQuick, well} from '../../helpers/desk/sync-rig.ts';
import {ownPostgres, ownRedis} from '../../helpers/servers/servers.ts';
import {LONG_TEST_MS, SYNC_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

vi.setConfig({testTimeout: LONG_TEST_MS, hookTimeout: LONG_TEST_MS});

let postgres: PostgresServer;
let redis: RedisServer;
let target: PgTarget;
let pool: pg.Pool;
let bus: Redis;
const running: SyncService[] = [];

beforeAll(async () => {
  [postgres, redis] = await Promise.all([ownPostgres({fsync: true}), ownRedis()]);
  const {host, port, user, password} = postgres;
  target = {host, port, user, password: secret(password), database: 'trading_system', ssl: 'disable'};
  await setUp({
    trading: target,
    prefect: {database: 'prefect', owner: 'prefect'},
    sql: loadSql(),
    only: ['databases', 'roles', 'tables', 'indexes'],
  });
  pool = new pg.Pool({host, port, user, password, database: 'trading_system', ssl: false, max: 2});
  pool.on('error', () => {});
  pool.on('connect', client => client.on('error', () => {}));
  bus = new Redis(redis.url);
  bus.on('error', () => {});
});
afterEach(async () => {
  await Promise.all(running.splice(0).map(service => service.stop(3000)));
});
afterAll(async () => {
  bus.disconnect();
  await pool.end();
  await Promise.all([postgres.stop('immediate'), redis.stop()]);
});

async function start(worker: string, mode: Mode): Promise<SyncService> {
  const service = startQuick({mode, trading: target, redis: parseRedisUrl(redis.url), worker});
  running.push(service);
  await well(service);
  return service;
}

test.each(['pubsub', 'streams'] as const)(
  'two workers on the same events by %s count each once although either server dies',
  async mode => {
    await pool.query(`TRUNCATE analytics.sync_ledger, analytics.portfolio_summary, analytics.performance_metrics,
      analytics.sync_gaps, analytics.sync_workers, analytics.sync_marks, execution.trades, execution.execution_logs, execution.orders,
      execution.positions, data_ingestion.market_data`);
    const services = [await start('one', mode), await start('two', mode)];
    const flow = startFlow({pool, bus, mode});
    const trade = async (count: number): Promise<void> => {
      for (let done = 0; done < count; done += 25) await flow.step(25);
    };
    await trade(200);
    // PostgreSQL dies while batches are in flight.
    await flow.step(100);
    await postgres.kill9();
    const inTrouble = () => services.some(service => service.trouble() !== undefined);
    await waitFor('a worker to notice the death', inTrouble, SYNC_MS);
    await postgres.restart();
    const areWell = () => services.every(service => service.trouble() === undefined);
    await waitFor('both workers to reach PostgreSQL', areWell, SYNC_MS);
    await trade(200);
    // Redis dies and forgets everything; what is traded meanwhile is not published.
    const drops = services.map(service => service.stats().link.drops);
    await redis.kill9();
    await flow.step(100, {unheard: true});
    const haveNoticed = () => services.every((service, i) => service.stats().link.drops > (drops[i] as number));
    await waitFor('both workers to notice the death of Redis', haveNoticed, SYNC_MS);
    await redis.restart();
    await waitFor('both workers to reach Redis', async () => areWell() && (await bus.ping()), SYNC_MS);
    await trade(400);
    await flow.synced();
    const db = openPg(target, loadSql(), {name: 'sync test', max: 1});
    await flow.rebuilt(db);
    await db.close();
  },
);
