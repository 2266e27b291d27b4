import {Redis} from 'ioredis';
import pg from 'pg';
import {afterAll, afterEach, beforeAll, test} from 'vitest';
import {parseRedisUrl} from '../../../src/core/redis-url.ts';
import {secret} from '../../../src/core/secret.ts';
import type {PostgresServer} from '../../../src/demo/postgres.ts';
import type {RedisServer} from '../../../src/demo/redis.ts';
import {openPg} from '../../../src/io/pg.ts';
import type {PgTarget} from '../../../src/io/pg-target.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {setUp} from '../../../src/setup/setup.ts';
import type {SyncService} from '../../../src/sync/service.ts';
import {type Mode, startFlow} from '../../helpers/desk/desk-flow.ts';
import {QUICK, startQuick, well} from '../../helpers/desk/sync-rig.ts';
import {ownPostgres, ownRedis} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

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
  const intervals = {...QUICK, fullSweep: 600_000};
  const service = startQuick({mode, trading: target, redis: parseRedisUrl(redis.url), worker, intervals});
  running.push(service);
  await well(service, 30_000);
  return service;
}

test.each(['pubsub', 'streams'] as const)(
  'two workers on the same events by %s, and the death of either server, leave what the desk did',
  {timeout: 180_000},
  async mode => {
    await pool.query(`TRUNCATE analytics.sync_ledger, analytics.portfolio_summary, analytics.performance_metrics,
      analytics.sync_gaps, analytics.sync_workers, analytics.sync_marks, execution.trades, execution.orders,
      execution.positions, data_ingestion.market_data`);
    const services = [await start('one', mode), await start('two', mode)];
    const flow = startFlow({pool, bus, mode});
    const trade = async (count: number): Promise<void> => {
      for (let done = 0; done < count; done += 25) await flow.step(25);
    };
    await trade(200);
    // PostgreSQL dies with batches under way.
    await flow.step(100);
    await postgres.kill9();
    await waitFor('the death to be noticed', () => services.some(service => service.trouble() !== undefined), 30_000);
    await postgres.restart();
    await waitFor('PostgreSQL to be had again', () => services.every(s => s.trouble() === undefined), 60_000);
    await trade(200);
    // Redis dies and forgets everything; what is traded meanwhile is published to nobody.
    await redis.kill9();
    await flow.step(100, {unheard: true});
    await redis.restart();
    await waitFor(
      'both to hear again',
      async () => services.every(s => s.trouble() === undefined) && (await bus.ping()),
      60_000,
    );
    await trade(400);
    await flow.synced();
    const db = openPg(target, loadSql(), {name: 'sync test', max: 1});
    await flow.rebuilt(db);
    await db.close();
  },
);
