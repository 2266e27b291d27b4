import {execFile} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import pg from 'pg';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {durable} from '../../../src/bus/streams.ts';
import {loadConfig} from '../../../src/config/config.ts';
import {openPg, type PgOptions} from '../../../src/io/pg.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {withTransaction} from '../../../src/io/transaction.ts';
import {createPools} from '../../../src/service/create-pools.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import {openTrading} from '../../helpers/desk/trading.ts';
import {makeCertificates} from '../../helpers/servers/certificates.ts';
import {type Pooler, type PoolMode, pgbouncer, startPgbouncer} from '../../helpers/servers/pgbouncer.ts';
import {type Database, ownRedis, runSql, servers} from '../../helpers/servers/servers.ts';
import {startStatementProxy} from '../../helpers/servers/statement-proxy.ts';
import {LONG_TEST_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

vi.setConfig({testTimeout: LONG_TEST_MS, hookTimeout: LONG_TEST_MS});
const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
const sql = loadSql();
const found = await pgbouncer();
const why = typeof found === 'string' ? ` cannot be tested here: ${found}` : '';
const MODES: readonly PoolMode[] = ['transaction', 'session'];

const cleanups: (() => unknown)[] = [];
let desk: Database;
beforeEach(async () => {
  desk = await cloneDesk();
  cleanups.push(desk.drop);
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe.skipIf(why !== '').each(MODES)(`behind PgBouncer's pool_mode=%s${why}`, mode => {
  let pooler: Pooler;
  beforeEach(async () => {
    pooler = await startPgbouncer((found as {file: string}).file, desk, mode);
    cleanups.push(pooler.stop);
    expect(await pooler.left()).toEqual([]);
  });
  const open = (options: Partial<PgOptions> = {}) => {
    const db = openPg(targetOf(pooler), sql, {name: 'a test', max: 1, ...options});
    cleanups.push(db.close);
    return db;
  };
  const settings = async (client: pg.ClientBase) =>
    (
      await client.query(`SELECT string_agg(setting, ' ' ORDER BY name) AS all FROM pg_settings
      WHERE name IN ('TimeZone', 'IntervalStyle', 'lock_timeout', 'statement_timeout')`)
    ).rows[0].all;

  test('each statement and each transaction has our settings, and nobody else has them', async () => {
    const other = new pg.Client(pooler.config);
    other.on('error', () => {});
    await other.connect();
    const before = await settings(other);
    const db = open({statementMs: 1234, lockMs: 56, leavesAt: '1s'});
    const ours = 'postgres UTC 56 1234';
    for (let i = 0; i < 3; i++) {
      expect(await db.withClient(settings)).toBe(ours);
      expect(await withTransaction(db.pool, {readOnly: true}, ({client}) => settings(client))).toBe(ours);
      await expect(db.query('pg/backend', ['one too many'])).rejects.toThrow();
      expect(await db.query('pg/backend')).toHaveLength(1);
      if (mode === 'transaction') expect(await settings(other)).toBe(before);
    }
    expect(db.pgVersion()).toBe((await servers()).postgres.majorVersion);
    expect(db.counts()).toMatchObject({inUse: 0});
    await Promise.all([db.close(), other.end()]);
    expect(await pooler.left()).toEqual([]);
  });

  test('a statement that runs too long ends, and its connection can be used again', async () => {
    const db = open({statementMs: 50});
    const slow = db.withClient(client => client.query('SELECT pg_sleep(60)'));
    await expect(slow).rejects.toMatchObject({code: '57014'});
    expect(await db.query('pg/backend')).toHaveLength(1);
    await db.close();
    expect(await pooler.left()).toEqual([]);
  });

  test('a service’s pools work, with their limits in transactions, and say that a pooler is in between', async () => {
    const {redis} = await servers();
    const {host, port, user, password, database} = pooler.config;
    const pools = createPools({
      services: {execution: {max: 1, statementMs: 4321}},
      env: {
        POSTGRES_HOST: host,
        POSTGRES_PORT: String(port),
        TRADING_DB_NAME: database,
        TRADING_DB_USER: user,
        TRADING_DB_PASSWORD: password,
        REDIS_URL: redis.url,
      },
      everyMs: 50,
    });
    cleanups.push(() => pools.close());
    const {execution} = pools.services;
    const limit = async (client: Pick<pg.ClientBase, 'query'>) =>
      (await client.query(`SELECT current_setting('statement_timeout') AS ms`)).rows[0].ms;
    expect(await limit(execution as unknown as pg.ClientBase)).toBe('0');
    expect(await withTransaction(execution, {}, ({client}) => limit(client))).toBe('4321ms');
    await waitFor('the pool’s health', () => pools.health()[0]?.pooled);
    expect(pools.health()).toMatchObject([{pool: 'execution', state: 'ok', pooled: true}]);
    await pools.close();
    expect(await pooler.left()).toEqual([]);
  });

  type Ended = {readonly code: number; readonly text: string};
  async function tradetop(...args: readonly string[]): Promise<Ended> {
    const {redis} = await servers();
    const {host, port, user, password, database} = pooler.config;
    const env = {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      POSTGRES_HOST: host,
      POSTGRES_PORT: String(port),
      TRADING_DB_NAME: database,
      TRADING_DB_USER: user,
      TRADING_DB_PASSWORD: password,
      PGSSLMODE: 'disable',
      REDIS_URL: redis.url,
    };
    return new Promise(resolve => {
      execFile(process.execPath, [CLI, ...args], {env, maxBuffer: 1 << 26}, (error, stdout, stderr) =>
        resolve({code: Number(error?.code ?? 0), text: `${stdout}${stderr}`}),
      );
    });
  }

  test('snapshot, doctor, verify and the lists leave nothing behind', async () => {
    const snapshot = await tradetop('snapshot', '--pane', 'trades', '--json');
    expect(snapshot.text).not.toContain('"failure"');
    const doctor = JSON.parse((await tradetop('doctor', '--json')).text.split('\n')[0] as string);
    const pooled = doctor.findings.find((finding: {id: string}) => finding.id === 'pooler');
    expect(pooled).toMatchObject({status: 'warn', feature: 'maintenance, setup, feed'});
    expect((await tradetop('verify', '--only', 'data')).code).toBe(0);
    expect((await tradetop('config', 'list')).code).toBe(0);
    expect(await pooler.left()).toEqual([]);
  });

  test('what needs a session of its own says so, and leaves nothing behind either', async () => {
    for (const args of [['maintain', 'analyze', 'execution.trades', '--yes'], ['feed', '--seconds', '1'], ['setup']]) {
      const {code, text} = await tradetop(...args);
      expect(text).toContain('is a pooler');
      expect(text).toContain('Connect to PostgreSQL directly');
      expect(code).toBeGreaterThan(0);
    }
    expect(await pooler.left()).toEqual([]);
  });

  test('locks of another client outlive an action that is refused', async () => {
    const other = new pg.Client(pooler.config);
    await other.connect();
    cleanups.push(() => other.end());
    await other.query('SELECT pg_advisory_lock(42)');
    for (let i = 0; i < 4; i++) await tradetop('maintain', 'analyze', 'execution.trades', '--yes');
    const {rows} = await other.query("SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 42");
    expect(rows).toHaveLength(1);
  });

  test.each(['pubsub', 'streams'] as const)('the synchroniser counts each trade once, by %s', async by => {
    const redis = await ownRedis();
    cleanups.push(redis.stop);
    const {port} = pooler.config;
    const trading = openTrading({
      direct: targetOf(desk),
      trading: {...targetOf(desk), port},
      redisUrl: redis.url,
      by: client => (by === 'streams' ? durable(client) : client),
    });
    try {
      await trading.start('one', by);
      await trading.trade(100);
      if (mode === 'transaction') expect(await pooler.left()).toEqual([]);
      // The pooler's connections to the server are lost with whatever ran on them.
      // Of this database: others test on the same server.
      const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'tradetop%'`;
      await runSql(desk.config, kill);
      await trading.trade(100);
      await trading.settled();
    } finally {
      await trading.close();
    }
    expect(await pooler.left()).toEqual([]);
  });
});

test.skipIf(why !== '')(`TLS goes by libpq's variables, with a certificate of our own${why}`, async () => {
  const tls = await makeCertificates();
  const pooler = await startPgbouncer((found as {file: string}).file, desk, 'session', tls);
  cleanups.push(pooler.stop);
  const {host, port, user, password, database} = pooler.config;
  const env = {
    HOME: '/nonexistent',
    POSTGRES_HOST: host,
    POSTGRES_PORT: String(port),
    TRADING_DB_NAME: database,
    TRADING_DB_USER: user,
    TRADING_DB_PASSWORD: password,
  };
  const uses = async (more: Readonly<Record<string, string>>, of: 'trading' | 'prefect' = 'trading') => {
    const db = openPg(loadConfig({}, {...env, ...more})[of], sql, {name: 'a test', max: 1});
    cleanups.push(db.close);
    return (await db.query('pg/backend')).length;
  };
  const pair = {PGSSLCERT: tls.cert, PGSSLKEY: tls.key};
  // `prefer`, to this machine: the certificate is shown all the same.
  expect(await uses(pair)).toBe(1);
  expect(await uses({...pair, PGSSLMODE: 'verify-full', PGSSLROOTCERT: tls.ca})).toBe(1);
  const params = `sslmode=verify-ca&sslrootcert=${tls.ca}&sslcert=${tls.cert}&sslkey=${tls.key}`;
  const url = `postgresql+asyncpg://${user}:${password}@${host}:${port}/${database}?${params}`;
  expect(await uses({PREFECT_API_DATABASE_CONNECTION_URL: url}, 'prefect')).toBe(1);
  await expect(uses({PGSSLMODE: 'require'})).rejects.toThrow(/certificate|socket|closed|terminated/i);
  await expect(uses({...pair, PGSSLMODE: 'verify-ca'})).rejects.toThrow(/certificate/);
});

test('a direct connection is set up in one round trip, for the session', async () => {
  const sent: string[] = [];
  const proxy = await startStatementProxy(desk.config, () => {});
  cleanups.push(proxy.close);
  proxy.decide((_application, text) => {
    sent.push(text);
    return 'pass';
  });
  const db = openPg({...targetOf(desk), port: proxy.port}, sql, {name: 'a test', max: 1, statementMs: 1234});
  cleanups.push(db.close);
  await db.query('pg/backend');
  await db.query('pg/backend');
  await withTransaction(db.pool, {}, async ({client}) => {
    const {rows} = await client.query("SELECT current_setting('statement_timeout') AS limit");
    expect(rows).toEqual([{limit: '1234ms'}]);
  });
  expect(
    sent
      .filter(text => !text.includes("current_setting('statement_timeout')"))
      .map(text => /tradetop:\S+|[A-Z]+/.exec(text)?.[0]),
  ).toEqual(['tradetop:pg/session', 'tradetop:pg/backend', 'tradetop:pg/backend', 'BEGIN', 'COMMIT']);
});
