import {Redis} from 'ioredis';
import pg from 'pg';
import {afterEach, beforeEach, describe, test, vi} from 'vitest';
import {durable} from '../../../src/bus/streams.ts';
import {secret} from '../../../src/core/secret.ts';
import type {PostgresServer} from '../../../src/demo/postgres.ts';
import type {RedisServer} from '../../../src/demo/redis.ts';
import {loadSql} from '../../../src/io/sql.ts';
import type {PgTarget} from '../../../src/io/targets.ts';
import {setUp} from '../../../src/setup/setup.ts';
import {openTrading, type Trading} from '../../helpers/desk/trading.ts';
import {type FaultProxy, startProxy} from '../../helpers/servers/proxy.ts';
import {ownPostgres, ownRedis, runSql} from '../../helpers/servers/servers.ts';
import {type Standby, startStandby} from '../../helpers/servers/standby.ts';
import {LONG_TEST_MS, SYNC_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

vi.setConfig({testTimeout: LONG_TEST_MS, hookTimeout: LONG_TEST_MS});

let primary: PostgresServer;
let redis: RedisServer;
/** The address of PostgreSQL for the synchroniser, and for the desk. */
let [address, deskAddress]: FaultProxy[] = [];
let desk: Trading;
const cleanups: (() => unknown)[] = [];

beforeEach(async () => {
  [primary, redis] = await Promise.all([ownPostgres(), ownRedis()]);
  cleanups.push(() => primary.stop('immediate'), redis.stop);
  const {host, port, user, password} = primary;
  const target: PgTarget = {host, port, user, password: secret(password), database: 'trading_system', ssl: 'disable'};
  await setUp({
    trading: target,
    prefect: {database: 'prefect', owner: 'prefect'},
    sql: loadSql(),
    only: ['databases', 'roles', 'tables', 'indexes'],
  });
  address = await startProxy({host, port});
  deskAddress = await startProxy({host, port});
  cleanups.push(address.close, deskAddress.close);
  const [trading, direct] = [address, deskAddress].map(proxy => ({...target, port: proxy.port}));
  desk = openTrading({direct: direct as PgTarget, trading: trading as PgTarget, redisUrl: redis.url, by: durable});
  cleanups.push(desk.close);
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A session of the superuser on the first primary. */
async function session(): Promise<pg.Client> {
  const {host, port, user, password} = primary;
  const client = new pg.Client({host, port, user, password, database: 'trading_system', ssl: false});
  client.on('error', () => {});
  await client.connect();
  cleanups.push(() => client.end().catch(() => {}));
  return client;
}

function bus(): Redis {
  const client = new Redis(redis.url);
  client.on('error', () => {});
  cleanups.push(() => client.disconnect());
  return client;
}

async function standby(): Promise<Standby> {
  const one = await startStandby(primary);
  cleanups.push(one.stop);
  return one;
}

const settledWithoutQuarantine = async ({port}: Standby): Promise<void> => {
  await desk.settled();
  const config = {host: '127.0.0.1', port, user: 'postgres', password: primary.password, database: 'trading_system'};
  await runSql(
    {...config, ssl: false},
    `DO $$ BEGIN ASSERT NOT EXISTS (SELECT FROM analytics.sync_quarantine); END $$`,
  );
};

describe('a failover of the primary’s address', () => {
  test.each(['pubsub', 'streams'] as const)(
    'by %s, where it first leads to a server that stays in recovery',
    async mode => {
      const [other, next] = [await standby(), await standby()];
      const service = await desk.start('one', mode);
      await desk.trade(50);
      const held = await desk.book(20);
      await primary.kill9();
      (address as FaultProxy).lead(other);
      await desk.publish(held);
      const inRecovery = () => /in recovery/.test(service.stats().failing?.error ?? '');
      await waitFor('the service to report the recovery', inRecovery, SYNC_MS);
      await next.promote();
      for (const proxy of [address, deskAddress]) proxy?.lead(next);
      await desk.well();
      await desk.trade(50);
      await settledWithoutQuarantine(next);
    },
  );

  test('where old connections stay open and silent, while a pass over a gap runs', async () => {
    const next = await standby();
    await desk.start('one');
    await desk.trade(50);
    await desk.settled();
    // A pass over a gap waits for a lock that it never gets: it is running when its server dies.
    const admin = await session();
    await admin.query('BEGIN');
    await admin.query('LOCK TABLE analytics.sync_ledger IN ACCESS EXCLUSIVE MODE');
    await desk.book(10);
    await bus().call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    const isWaiting = async (): Promise<boolean> => {
      const {rows} = await admin.query(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'`);
      return rows.length > 0;
    };
    await waitFor('the pass to wait for the lock', isWaiting, SYNC_MS);
    await (address as FaultProxy).set('frozen');
    await primary.kill9();
    await next.promote();
    for (const proxy of [address, deskAddress]) proxy?.lead(next);
    await desk.well();
    await desk.trade(50);
    await settledWithoutQuarantine(next);
  });
});
