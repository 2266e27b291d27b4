import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {PostgresServer} from '../../../src/demo/postgres.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {setUp} from '../../../src/setup/setup.ts';
import {targetOf} from '../../helpers/desk/desk.ts';
import {ownPostgres, servers} from '../../helpers/servers/servers.ts';

const CLI = fileURLToPath(new URL('../../../dist/tradetop.js', import.meta.url));
const OLD_BIN = '/usr/lib/postgresql/15/bin';

// Mallory may become the owner of the tables, as the operator may below PostgreSQL 17 where that was asked for, owns the
// database's settings and Prefect's database, and waits for a superuser to look. Whatever is put in the way, it must not run
// with the superuser's power. `spring` says that it ran at all, and with whose.
const SPRING = (undo: string) => `
  CREATE OR REPLACE FUNCTION evil.spring() RETURNS boolean LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM nextval('evil.ran');
    BEGIN ${undo} EXCEPTION WHEN OTHERS THEN NULL; END;
    BEGIN ALTER ROLE mallory SUPERUSER; EXCEPTION WHEN OTHERS THEN NULL; END;
    RETURN true;
  END $$`;
const PLAIN = SPRING('NULL;');
const RESETTING = SPRING('RESET ROLE;');

const TRAPS: readonly (readonly [
  what: string,
  database: 'trading_system' | 'prefect',
  setting: readonly string[],
  mayRun: boolean,
])[] = [
  [
    'functions and operators before PostgreSQL’s own, by the database’s search_path',
    'trading_system',
    [
      RESETTING,
      `CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT CASE WHEN evil.spring() THEN pg_catalog.now() END';
       CREATE FUNCTION evil.sprung(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT evil.spring()';
       CREATE OPERATOR evil.= (FUNCTION = evil.sprung, LEFTARG = text, RIGHTARG = text);
       CREATE FUNCTION evil.sprung(name, text) RETURNS boolean LANGUAGE sql AS 'SELECT evil.spring()';
       CREATE OPERATOR evil.= (FUNCTION = evil.sprung, LEFTARG = name, RIGHTARG = text);
       CREATE VIEW evil.pg_stat_activity AS SELECT *, evil.spring() FROM pg_catalog.pg_stat_activity;
       CREATE VIEW evil.pg_locks AS SELECT *, evil.spring() FROM pg_catalog.pg_locks;
       CREATE FUNCTION evil.set_config(text, text, boolean) RETURNS text LANGUAGE sql
         AS 'SELECT pg_catalog.set_config($1, $2, $3) WHERE evil.spring()';
       CREATE FUNCTION evil.current_setting(text, boolean) RETURNS text LANGUAGE sql
         AS 'SELECT pg_catalog.current_setting($1, $2) WHERE evil.spring()';
       CREATE FUNCTION evil.current_setting(text) RETURNS text LANGUAGE sql
         AS 'SELECT pg_catalog.current_setting($1) WHERE evil.spring()';
       CREATE FUNCTION evil.pg_backend_pid() RETURNS int LANGUAGE sql AS 'SELECT pg_catalog.pg_backend_pid() WHERE evil.spring()';
       CREATE FUNCTION evil.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT NOT evil.spring()';
       CREATE FUNCTION evil.to_regclass(text) RETURNS regclass LANGUAGE sql
         AS 'SELECT pg_catalog.to_regclass($1) WHERE evil.spring()';
       CREATE FUNCTION evil.sprung(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT evil.spring()';
       CREATE OPERATOR evil.= (FUNCTION = evil.sprung, LEFTARG = int, RIGHTARG = int);
       CREATE OPERATOR evil.<> (FUNCTION = evil.sprung, LEFTARG = int, RIGHTARG = int);
       CREATE TABLE evil.schema_migrations (version int); CREATE TABLE evil.pg_roles (rolname text, rolsuper boolean)`,
      'ALTER DATABASE trading_system SET search_path = evil, pg_catalog',
    ],
    false,
  ],
  [
    'a view in the place of the trades, which takes the role back',
    'trading_system',
    [
      RESETTING,
      `SET ROLE tradetop_owner; ALTER TABLE execution.trades RENAME TO old_trades;
       CREATE VIEW execution.trades AS SELECT *, evil.spring() AS sprung FROM execution.old_trades WHERE evil.spring();
       GRANT SELECT ON execution.trades TO tradetop_monitor, tradetop_operator; RESET ROLE`,
    ],
    false,
  ],
  [
    'a policy of the orders',
    'trading_system',
    [
      PLAIN,
      `SET ROLE tradetop_owner; CREATE POLICY evil ON execution.orders FOR SELECT TO tradetop_monitor USING (evil.spring()); RESET ROLE`,
    ],
    true,
  ],
  [
    'a function of the set-up that was replaced',
    'trading_system',
    [
      PLAIN,
      `SET ROLE tradetop_owner; CREATE OR REPLACE FUNCTION analytics.realised_by_average_cost(sides text[], quantities numeric[],
         prices numeric[], commissions numeric[]) RETURNS numeric[] LANGUAGE sql AS 'SELECT CASE WHEN evil.spring() THEN $2 END';
       RESET ROLE`,
    ],
    true,
  ],
  [
    'a view in the place of Prefect’s flow runs',
    'prefect',
    [
      RESETTING,
      `CREATE TABLE public.runs (state_type text, state_timestamp timestamptz, expected_start_time timestamptz, start_time timestamptz);
       INSERT INTO public.runs VALUES ('RUNNING', now(), now(), now());
       CREATE VIEW public.flow_run AS SELECT * FROM public.runs WHERE evil.spring()`,
    ],
    false,
  ],
  [
    'a cast of the type of Prefect’s times',
    'prefect',
    [
      RESETTING,
      `CREATE TYPE evil.moment AS (at timestamptz);
       CREATE FUNCTION evil.cast(evil.moment) RETURNS timestamptz LANGUAGE sql AS 'SELECT CASE WHEN evil.spring() THEN now() END';
       CREATE CAST (evil.moment AS timestamptz) WITH FUNCTION evil.cast(evil.moment) AS IMPLICIT;
       CREATE TABLE public.flow_run (state_type text, state_timestamp evil.moment, expected_start_time evil.moment, start_time timestamptz);
       INSERT INTO public.flow_run VALUES ('FAILED', ROW(now()), ROW(now()), NULL), ('RUNNING', ROW(now()), ROW(now()), NULL)`,
    ],
    false,
  ],
];

describe.each([
  ['PostgreSQL 18', undefined],
  ...(existsSync(`${OLD_BIN}/postgres`) ? [['PostgreSQL 15', OLD_BIN] as const] : []),
] as const)('a superuser who looks, on %s', (_name, binDir) => {
  let server: PostgresServer;
  let redis = '';
  beforeAll(async () => {
    redis = (await servers()).redis.url;
    server = await ownPostgres(binDir ? {binDir} : {});
  });
  afterAll(() => server?.stop());
  const login = (database: string, user = 'postgres') => ({
    host: server.host,
    port: server.port,
    user,
    password: user === 'postgres' ? server.password : 'mallory',
    database,
    ssl: false as const,
  });
  const session = async (database: string, user = 'postgres'): Promise<pg.Client> => {
    const client = new pg.Client(login(database, user));
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const tradetop = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, [CLI, ...args], {
      env: {
        PATH: process.env.PATH,
        HOME: server.dir,
        POSTGRES_HOST: server.host,
        POSTGRES_PORT: String(server.port),
        TRADING_DB_USER: 'postgres',
        TRADING_DB_PASSWORD: server.password,
        REDIS_URL: redis,
      },
      maxBuffer: 1 << 26,
    }).catch((error: {stdout: string; stderr: string; code: number}) => error);

  it.each(TRAPS)('is not led by %s', {timeout: 120_000}, async (_what, database, traps, mayRun) => {
    const admin = await session('postgres');
    await admin.query('DROP DATABASE IF EXISTS trading_system WITH (FORCE)');
    await admin.query('DROP DATABASE IF EXISTS prefect WITH (FORCE)');
    await admin.query('DROP ROLE IF EXISTS mallory');
    const trading = targetOf(login('trading_system'));
    await setUp({trading, prefect: {database: 'prefect', owner: 'prefect'}, sql: loadSql()});
    await admin.query("CREATE ROLE mallory LOGIN PASSWORD 'mallory'; GRANT tradetop_owner TO mallory");
    for (const name of ['trading_system', 'prefect']) await admin.query(`ALTER DATABASE ${name} OWNER TO mallory`);
    const desk = await session('trading_system');
    await desk.query(`INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity, status)
        VALUES ('o', 'A', 'AAPL', 'buy', 'market', 10, 'submitted');
      INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, quantity, price, executed_at)
        VALUES ('t', 'o', 'A', 'AAPL', 10, 5, now());
      INSERT INTO execution.positions (account_id, symbol, quantity, avg_price) VALUES ('A', 'AAPL', 10, 5)`);
    await desk.end();
    const mallory = await session(database, 'mallory');
    await mallory.query(
      'CREATE SCHEMA evil; GRANT USAGE ON SCHEMA evil TO PUBLIC; CREATE SEQUENCE evil.ran; GRANT ALL ON evil.ran TO PUBLIC',
    );
    if (database === 'prefect') await mallory.query('GRANT USAGE, CREATE ON SCHEMA public TO PUBLIC').catch(() => {});
    for (const trap of traps) await mallory.query(trap);

    const said: string[] = [];
    for (const args of [
      ['verify'],
      ['snapshot'],
      ['snapshot', '--json'],
      ['doctor'],
      ['config', 'list'],
      ['setup', '--dry-run'],
      ['setup'],
    ]) {
      said.push((await tradetop(...args)).stdout);
    }
    // They did look: a trap is avoided, not the work.
    expect(said[0]).toMatch(/[1-9]\d* passed/);
    expect(said[2]).toMatch(/"trades":/);
    expect(said[3]).toMatch(/superuser/);
    const seen = await session('postgres');
    const {rows} = await seen.query("SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory'");
    expect(rows).toEqual([{rolsuper: false}]);
    const ran = (await mallory.query('SELECT is_called FROM evil.ran')).rows[0].is_called;
    if (!mayRun) expect(ran).toBe(false);
    await Promise.all([admin.end(), mallory.end(), seen.end()]);
  });

  it('is verified as the monitor, from PostgreSQL’s own names', async () => {
    const {stdout} = (await tradetop('verify', '--only', 'setup', '--json')) as {stdout: string};
    expect(JSON.parse(stdout).summary).toMatchObject({skip: 0});
  });
});
