import pg from 'pg';
import {afterAll, afterEach, beforeAll, beforeEach, vi} from 'vitest';
import type {PostgresServer} from '../../../src/demo/postgres.ts';
import {parseRedisUrl} from '../../../src/io/redis-url.ts';
import {loadSql} from '../../../src/io/sql.ts';
import type {PgTarget} from '../../../src/io/targets.ts';
import {setUp} from '../../../src/setup/setup.ts';
import type {SyncOptions, SyncService} from '../../../src/sync/service.ts';
import {ownPostgres} from '../servers/servers.ts';
import {LONG_TEST_MS, SYNC_MS} from '../servers/timers.ts';
import {waitFor} from '../servers/wait.ts';
import {targetOf} from './desk.ts';
import {type SyncChild, spawnSync} from './sync-child.ts';
import {counted, startQuick} from './sync-rig.ts';

/** No Redis is there: the slot needs none. */
export const NO_REDIS = 'redis://127.0.0.1:1/0';
const TEMPLATE = 'slot_template';

/** The server and the test's own trading database, with connections to both. */
export type SlotRig = {
  readonly server: PostgresServer;
  readonly target: PgTarget;
  readonly pool: pg.Pool;
  /** Called after the test, the last one first. */
  readonly cleanups: (() => unknown)[];
  /** Starts a worker in slot mode, and stops it after the test. */
  readonly start: (options?: Partial<SyncOptions>) => SyncService;
  /** Starts one as a process of its own, and kills it after the test. */
  readonly spawn: (args?: readonly string[], env?: Readonly<Record<string, string>>) => SyncChild;
  /** Waits until analytics is the sum of these trades, each counted once. */
  readonly synced: (trades: Parameters<typeof counted>[1]) => Promise<true>;
  /** Waits until a worker reads the slot, is well, and no gap is open. */
  readonly reading: (service?: SyncService) => Promise<true>;
  /** The first column of a query's first row. */
  readonly value: (sql: string, values?: readonly unknown[]) => Promise<unknown>;
};

/**
 * Gives the tests of a file a PostgreSQL with wal_level = logical, and each of them a database of its own. `settings`: more
 * settings of the server.
 */
export function slotRigEachTest(
  settings: Readonly<Record<string, string>> = {},
  how: {readonly binDir?: string} = {},
): SlotRig {
  vi.setConfig({testTimeout: LONG_TEST_MS, hookTimeout: LONG_TEST_MS});
  const own = {cleanups: []} as unknown as {-readonly [K in keyof SlotRig]: SlotRig[K]};
  let admin: pg.Pool;
  let made = 0;
  beforeAll(async () => {
    own.server = await ownPostgres({...how, settings: {wal_level: 'logical', ...settings}});
    const {host, port, user, password} = own.server;
    admin = new pg.Pool({host, port, user, password, database: 'postgres', ssl: false, max: 1});
    admin.on('error', () => {});
    const trading = targetOf({...own.server, database: TEMPLATE});
    const only = ['databases', 'roles', 'tables', 'indexes'] as const;
    await setUp({trading, prefect: {database: 'prefect', owner: 'prefect'}, sql: loadSql(), only: [...only]});
  });
  afterAll(async () => {
    await admin.end();
    await own.server.stop();
  });
  beforeEach(async () => {
    const database = `slot_${made++}`;
    await admin.query(`CREATE DATABASE ${database} TEMPLATE ${TEMPLATE}`);
    own.target = targetOf({...own.server, database});
    const {host, port, user, password} = own.server;
    own.pool = new pg.Pool({host, port, user, password, database, ssl: false, max: 2});
    own.pool.on('error', () => {});
  });
  afterEach(async () => {
    for (const cleanup of own.cleanups.splice(0).reverse()) await cleanup();
    await own.pool.end();
    const drop = (): Promise<unknown> =>
      admin.query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots');
    await waitFor('the slot to be free', () => drop().then(() => true), SYNC_MS);
    await admin.query(`DROP DATABASE ${own.target.database} WITH (FORCE)`);
  });
  return Object.assign(own, {
    start: options => {
      const service = startQuick({trading: own.target, redis: parseRedisUrl(NO_REDIS), mode: 'slot', ...options});
      own.cleanups.push(() => service.stop(3000));
      return service;
    },
    spawn: (args = [], env = {}) => {
      const {host, port, user, password} = own.server;
      const config = {host, port, user, password, database: own.target.database, ssl: false} as const;
      const child = spawnSync({config}, port, NO_REDIS, ['--source', 'slot', ...args], {env});
      own.cleanups.push(() => {
        child.kill('SIGKILL');
        return child.ended;
      });
      return child;
    },
    synced: trades => counted(own.pool, trades),
    reading: service =>
      waitFor(
        'a worker to read the slot, and every gap to be filled',
        async () => {
          const trouble = service?.trouble();
          if (trouble !== undefined) throw new Error(trouble);
          const gaps = await own.value('SELECT count(*) FILTER (WHERE filled_at IS NULL) FROM analytics.sync_gaps');
          const active = await own.value(`SELECT active FROM pg_replication_slots WHERE slot_name = 'tradetop_sync'`);
          return (
            active === true && gaps === '0' && Number(await own.value('SELECT count(*) FROM analytics.sync_gaps')) > 0
          );
        },
        SYNC_MS,
      ),
    value: async (sql, values = []) => {
      const {rows} = await own.pool.query({text: sql, values: [...values], rowMode: 'array'});
      return (rows as unknown[][])[0]?.[0];
    },
  } satisfies Omit<SlotRig, 'server' | 'target' | 'pool' | 'cleanups'>);
}
