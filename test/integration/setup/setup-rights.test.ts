import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {promisify} from 'node:util';
import pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {UserError} from '../../../src/core/errors.ts';
import type {PostgresServer} from '../../../src/demo/postgres.ts';
import {openPg} from '../../../src/io/pg.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {type SetupOptions, type StepReport, setUp} from '../../../src/setup/setup.ts';
import {readChecks} from '../../../src/verify/read-checks.ts';
import {runChecks} from '../../../src/verify/run.ts';
import {targetOf} from '../../helpers/desk/desk.ts';
import {psqlVersion} from '../../helpers/servers/client-tools.ts';
import {ownPostgres, runSql} from '../../helpers/servers/servers.ts';

const sql = loadSql();
const OLD_BIN = '/usr/lib/postgresql/15/bin';
const VERSIONS = [
  ['PostgreSQL 18', 18, undefined],
  ...(existsSync(`${OLD_BIN}/postgres`) ? [['PostgreSQL 15', 15, OLD_BIN] as const] : []),
] as const;

const psqlArgs = ({host, port, user, database}: pg.ClientConfig, file: string, more: readonly string[] = []) => [
  ...['-X', '-h', String(host), '-p', String(port), '-U', String(user), '-d', String(database), '-f', file],
  ...more,
];

describe.each(VERSIONS)('rights to set up, on %s', (_name, major, binDir) => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await ownPostgres({...(binDir ? {binDir} : {}), settings: {shared_preload_libraries: ''}});
    for (const admin of ['first_admin', 'second_admin']) {
      await runSql(login('postgres'), `CREATE ROLE ${admin} LOGIN CREATEDB CREATEROLE PASSWORD '${admin}'`);
    }
  });
  afterAll(() => server?.stop());

  const login = (database: string, user = 'postgres') => ({
    host: server.host,
    port: server.port,
    user,
    password: user === 'postgres' ? server.password : user,
    database,
    ssl: false as const,
  });
  const set = (database: string, user = 'postgres', options: Partial<SetupOptions> = {}) =>
    setUp({
      trading: targetOf(login(database, user)),
      prefect: {database: `${database}_prefect`, owner: 'prefect'},
      sql,
      ...options,
    });
  const byPsql = async (database: string, user: string, more: readonly string[] = []) => {
    const names = {TRADING_DB_NAME: database, PREFECT_DB_NAME: `${database}_prefect`};
    const env = {PATH: process.env.PATH, PGPASSWORD: login(database, user).password, ...names};
    for (const [at, file] of [
      ['postgres', '01_create_databases.sql'],
      [database, '02_create_core_tables.sql'],
      [database, '03_create_indexes.sql'],
    ] as const) {
      await promisify(execFile)('psql', psqlArgs(login(at, user), `${sql.dir}/${file}`, more), {env});
    }
  };
  const missing = (reports: readonly StepReport[]): readonly string[] =>
    reports
      .flatMap(r => r.did.map(d => d.result))
      .flatMap(r => /^missing right, run as a superuser: (.*)$/.exec(r)?.[1] ?? []);
  const rows = async (database: string, text: string, user = 'postgres') => {
    const client = new pg.Client(login(database, user));
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };
  const failed = async (database: string, user = 'postgres') => {
    const io = openPg(targetOf(login(database, user)), sql, {name: 'test', max: 1, statementMs: 30_000});
    try {
      return (await runChecks(io, readChecks(sql), {only: ['setup']})).filter(r => r.status !== 'pass');
    } finally {
      await io.close();
    }
  };
  const caught = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  /** Makes the extension as a superuser, who alone can say then who may reset its statistics. */
  async function makeExtension(database: string, admin: string): Promise<void> {
    await runSql(login(database), 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    const lacking = missing(await set(database, admin));
    expect(lacking).toEqual([expect.stringMatching(/^GRANT EXECUTE ON FUNCTION \w+\.pg_stat_statements_reset\(/)]);
    for (const statement of lacking) await runSql(login(database), statement);
  }

  it('a first administrator who is no superuser sets up as far as it may, and what is missing makes it whole', async () => {
    const lacking = missing(await set('cloud', 'first_admin'));
    if (major >= 16) expect(lacking).toContain('GRANT pg_monitor TO tradetop_monitor');
    for (const statement of lacking) await runSql(login('cloud'), statement);
    await makeExtension('cloud', 'first_admin');
    expect(missing(await set('cloud', 'first_admin'))).toEqual([]);
    expect((await failed('cloud')).map(r => [r.id, r.rows.length])).toEqual([['setup_extensions', 1]]);
  });

  it('a second administrator sets its own database up as far as it may, and what is missing makes it whole', async () => {
    const reports = await set('second', 'second_admin');
    const lacking = missing(reports);
    // Up to PostgreSQL 15 it may grant itself every role but a superuser's.
    if (major >= 16) {
      expect(lacking).toEqual(
        expect.arrayContaining([
          'GRANT tradetop_owner TO second_admin',
          'ALTER SCHEMA execution OWNER TO tradetop_owner',
          'ALTER TABLE execution.trades OWNER TO tradetop_owner',
        ]),
      );
    }
    expect(reports.map(r => r.step)).toContain('03_create_indexes.sql');
    expect(await rows('second', 'SELECT count(*)::int AS n FROM execution.trades')).toEqual([{n: 0}]);
    // It works meanwhile: a month is made, and a service writes.
    await rows('second', "SELECT shared.create_monthly_partition('market_data', '2031-02-01')", 'second_admin');
    for (const statement of lacking) await runSql(login('second'), statement);
    await makeExtension('second', 'second_admin');
    expect(missing(await set('second', 'second_admin'))).toEqual([]);
    expect((await failed('second')).map(r => [r.id, r.rows])).toMatchObject([['setup_extensions', [{}]]]);
  });

  it('a second administrator is told what it needs for a database that others set up', async () => {
    const error = await caught(set('cloud', 'second_admin'));
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/permission denied for database "cloud"/),
    });
    const next = (error as UserError).next.replace('As a superuser: ', '');
    expect(next).toMatch(/^GRANT CONNECT, CREATE, TEMPORARY ON DATABASE "cloud" TO "second_admin"; GRANT/);
    await runSql(login('postgres'), next);
    expect(missing(await set('cloud', 'second_admin'))).toEqual([]);
  });

  it.skipIf(psqlVersion() === 0)('the second administrator gets as far by psql, and the same statements', async () => {
    await set('by_command', 'second_admin');
    await byPsql('by_psql', 'second_admin');
    const inventory = (database: string) => rows(database, 'SELECT * FROM shared.inventory() ORDER BY 1, 2, 3, 4');
    expect(await inventory('by_psql')).toEqual(await inventory('by_command'));
  });

  const vacuumed = async (role: string): Promise<string> => {
    const [found] = await rows('operated', OPERATOR_MAY);
    return String(found[role]);
  };
  const OPERATOR_MAY = `SELECT pg_has_role('tradetop_operator', 'tradetop_owner', 'MEMBER') AS owner`;
  it.each([
    ['tradetop setup', (may: boolean) => set('operated', 'postgres', {operatorMayVacuum: may})],
    ['psql', (may: boolean) => byPsql('operated', 'postgres', may ? ['-v', 'operator_may_vacuum=on'] : [])],
  ] as const)(
    'by %s the operator becomes the owner only where it is asked for, and needed',
    async (way, setUpAgain) => {
      if (way === 'psql' && psqlVersion() === 0) return;
      await setUpAgain(false);
      expect(await vacuumed('owner')).toBe('false');
      await setUpAgain(true);
      expect(await vacuumed('owner')).toBe(String(major < 17));
      // Another owner keeps the audit log.
      expect(
        await rows('operated', "SELECT pg_has_role('tradetop_operator', 'tradetop_keeper', 'MEMBER') AS may"),
      ).toEqual([{may: false}]);
      const told = (await failed('operated')).find(r => r.id === 'setup_owner_roles');
      expect(told?.status).toBe(major < 17 ? 'warn' : undefined);
      if (major < 17)
        expect(told?.rows).toEqual([
          {object: 'tradetop_operator', problem: expect.stringMatching(/may take on tradetop_owner/)},
        ]);
      await setUpAgain(false);
      expect(await vacuumed('owner')).toBe('false');
      expect((await failed('operated')).map(r => r.id)).not.toContain('setup_owner_roles');
    },
  );

  it('an older release’s membership is taken back by an upgrade', async () => {
    await runSql(
      login('postgres'),
      `DROP ROLE IF EXISTS tradetop_vacuum; CREATE ROLE tradetop_vacuum NOLOGIN NOINHERIT;
       GRANT tradetop_owner TO tradetop_vacuum; GRANT tradetop_vacuum TO tradetop_operator;
       GRANT tradetop_owner TO tradetop_operator`,
    );
    const found = (await failed('operated')).filter(r => /^setup_(owner_)?roles$/.test(r.id));
    expect(found.map(r => [r.id, r.status])).toEqual([
      ['setup_roles', 'fail'],
      ['setup_owner_roles', 'warn'],
    ]);
    const did = (await set('operated')).flatMap(r =>
      r.did.filter(d => d.what === 'membership' && d.result === 'taken back'),
    );
    expect(did.map(d => d.object).toSorted()).toEqual([
      'tradetop_operator in tradetop_owner',
      'tradetop_operator in tradetop_vacuum',
      'tradetop_vacuum in tradetop_owner',
    ]);
    expect(await vacuumed('owner')).toBe('false');
    expect((await failed('operated')).filter(r => /roles$/.test(r.id))).toEqual([]);
  });

  // PostgreSQL's own rule, which tradetop can only tell of: below 16 CREATEROLE gives every role but a superuser's.
  it('CREATEROLE alone makes nobody an owner from PostgreSQL 16 on; below, it does, and verification names who may', async () => {
    await runSql(login('postgres'), "CREATE ROLE schemer LOGIN CREATEROLE PASSWORD 'schemer'");
    const took = (await caught(rows('postgres', 'GRANT tradetop_owner TO schemer', 'schemer'))) as
      | {code?: string}
      | undefined;
    expect(took?.code).toBe(major >= 16 ? '42501' : undefined);
    const told = (await failed('operated')).find(r => r.id === 'setup_owner_roles');
    if (major >= 16) expect(told).toBeUndefined();
    else expect(told?.rows.map(r => r.object)).toContain('schemer');
    await runSql(login('postgres'), `${major < 16 ? 'REVOKE tradetop_owner FROM schemer;' : ''} DROP ROLE schemer`);
  });
});

describe('names and what is in the way', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await ownPostgres();
  });
  afterAll(() => server?.stop());
  const login = (database: string) => ({
    host: server.host,
    port: server.port,
    user: 'postgres',
    password: server.password,
    database,
    ssl: false as const,
  });
  const set = (database: string, options: Partial<SetupOptions> = {}) =>
    setUp({trading: targetOf(login(database)), prefect: {database: 'prefect', owner: 'prefect'}, sql, ...options});
  const refused = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'taken',
      (error: unknown) => {
        expect(error).toBeInstanceOf(UserError);
        expect(error).toMatchObject({exitCode: 2, next: expect.stringMatching(/\S/)});
        return (error as UserError).message;
      },
    );
  const byPsql = (names: Readonly<Record<string, string>>) =>
    promisify(execFile)('psql', psqlArgs(login('postgres'), `${sql.dir}/01_create_databases.sql`), {
      env: {PATH: process.env.PATH, PGPASSWORD: server.password, ...names},
    });
  const databases = async (): Promise<readonly string[]> => {
    const client = new pg.Client(login('postgres'));
    await client.connect();
    const {rows} = await client.query('SELECT datname FROM pg_database ORDER BY 1');
    await client.end();
    return rows.map(r => r.datname);
  };
  const schemas = async (database: string): Promise<number> => {
    const client = new pg.Client(login(database));
    await client.connect();
    const {rows} = await client.query(
      "SELECT count(*)::int AS n FROM pg_namespace WHERE nspname IN ('execution', 'shared')",
    );
    await client.end();
    return rows[0].n;
  };

  it
    .skipIf(psqlVersion() === 0)
    .each([
      'Upper Case',
      '-n',
      '-',
      'a=b',
      'dbname=postgres',
      'postgresql://x',
      `o'dd "quo\\tes" \\`,
      '$HOME `id` %s :x',
      'börse-✓',
      'x'.repeat(63),
      'é'.repeat(31),
      ' ',
    ])('both ways take %j, and the second finds it complete', async name => {
    const before = await databases();
    const names = {
      TRADING_DB_NAME: name,
      PREFECT_DB_NAME: `${[...name].slice(0, 25).join('')}P`,
      PREFECT_DB_USER: `${[...name].slice(0, 25).join('')}O`,
    };
    await byPsql(names);
    expect((await databases()).filter(d => !before.includes(d)).toSorted()).toEqual(
      [name, names.PREFECT_DB_NAME].toSorted(),
    );
    expect(await schemas(name)).toBe(2);
    const prefect = {database: names.PREFECT_DB_NAME, owner: names.PREFECT_DB_USER};
    const reports = await set(name, {prefect, only: ['databases', 'roles', 'prefect']});
    expect(reports.flatMap(r => r.did.filter(d => d.result !== 'already there'))).toEqual([]);
    await runSql(login('template1'), `DROP DATABASE ${pg.escapeIdentifier(name)}; `);
    await set(name, {prefect, only: ['databases', 'roles', 'prefect']});
    expect(await schemas(name)).toBe(2);
  });

  it.skipIf(psqlVersion() === 0).each([
    ['a name that is too long', {TRADING_DB_NAME: 'x'.repeat(70)}, /TRADING_DB_NAME is 70 bytes long/],
    ['one of few letters and many bytes', {TRADING_DB_NAME: 'é'.repeat(32)}, /TRADING_DB_NAME is 64 bytes long/],
    [
      'Prefect’s that is too long',
      {TRADING_DB_NAME: 'ok', PREFECT_DB_NAME: 'x'.repeat(64)},
      /PREFECT_DB_NAME is 64 bytes/,
    ],
    [
      'an owner’s that is too long',
      {TRADING_DB_NAME: 'ok', PREFECT_DB_USER: 'x'.repeat(64)},
      /PREFECT_DB_USER is 64 bytes/,
    ],
    ['a template', {TRADING_DB_NAME: 'template1'}, /"template1", which is a template/],
    ['one name for both', {TRADING_DB_NAME: 'same', PREFECT_DB_NAME: 'same'}, /name the same database "same"/],
    ['a reserved owner', {TRADING_DB_NAME: 'ok', PREFECT_DB_USER: 'public'}, /role name "public" is reserved/],
    [
      'an owner of PostgreSQL’s own',
      {TRADING_DB_NAME: 'ok', PREFECT_DB_USER: 'pg_mine'},
      /role name "pg_mine" is reserved/,
    ],
  ])(
    'both ways refuse %s in one sentence, and create nothing',
    async (_, names: Readonly<Record<string, string>>, said) => {
      const before = await databases();
      const {
        TRADING_DB_NAME: trading = '',
        PREFECT_DB_NAME: database = 'prefect',
        PREFECT_DB_USER: owner = 'prefect',
      } = names;
      for (const again of [1, 2]) {
        expect([again, await refused(set(trading, {prefect: {database, owner}}))]).toEqual([
          again,
          expect.stringMatching(said),
        ]);
      }
      const failed = await byPsql(names).catch((error: {stderr: string}) => error.stderr);
      expect(failed).toMatch(said);
      expect(await databases()).toEqual(before);
    },
  );

  it('a database in LATIN1 is refused in one sentence, by each step', async () => {
    await runSql(
      login('postgres'),
      "CREATE DATABASE legacy ENCODING 'LATIN1' TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'",
    );
    const said = /database "legacy" is encoded in LATIN1, and the trading system needs UTF8/;
    expect(await refused(set('legacy'))).toMatch(said);
    expect(await refused(set('legacy', {only: ['tables', 'roles']}))).toMatch(said);
    expect(await refused(set('legacy', {dryRun: true}))).toMatch(said);
    if (psqlVersion() > 0) {
      expect(await byPsql({TRADING_DB_NAME: 'legacy'}).catch((error: {stderr: string}) => error.stderr)).toMatch(said);
    }
  });

  it.each([
    ['execution.orders', 'CREATE VIEW execution.orders AS SELECT 1 AS id', /execution\.orders is a view/],
    [
      'execution.trades',
      'CREATE MATERIALIZED VIEW execution.trades AS SELECT 1 AS id',
      /execution\.trades is a materialized view/,
    ],
    [
      'data_ingestion.market_data',
      'CREATE TABLE data_ingestion.market_data (id int)',
      /market_data is a table that is not partitioned/,
    ],
    ['shared.audit_log', 'CREATE SEQUENCE shared.audit_log', /shared\.audit_log is a sequence/],
    ['execution.positions', 'CREATE TYPE execution.positions AS (id int)', /execution\.positions is a type/],
    ['execution.order_side', 'CREATE DOMAIN execution.order_side AS text', /execution\.order_side/],
    [
      'shared.inventory()',
      'CREATE FUNCTION shared.inventory() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
      /cannot change return type/,
    ],
    ['execution.idx_orders_open', 'CREATE TABLE execution.idx_orders_open (id int)', /idx_orders_open/],
  ])('what has the name of %s and is something else is refused in one sentence', async (_, made, said) => {
    const name = `way_${Math.random().toString(36).slice(2)}`;
    await set(name, {only: ['databases', 'roles']});
    await runSql(login(name), made);
    expect(await refused(set(name, {only: ['databases', 'roles', 'tables', 'indexes']}))).toMatch(said);
    expect(await refused(set(name, {only: ['databases', 'roles', 'tables', 'indexes']}))).toMatch(said);
  });

  it('names a login that holds the set-up’s lock and can set up nothing, and goes on when it has ended', async () => {
    await set('locked', {only: ['databases', 'roles']});
    await runSql(login('postgres'), "ALTER ROLE tradetop_monitor PASSWORD 'm'");
    const monitor = new pg.Client({...login('postgres'), user: 'tradetop_monitor', password: 'm'});
    monitor.on('error', () => {});
    await monitor.connect();
    await monitor.query("SELECT pg_advisory_lock(hashtextextended('tradetop setup', 0))");
    expect(await refused(set('locked', {only: ['databases', 'roles']}))).toMatch(
      /the lock of the set-up is held by "tradetop_monitor"/,
    );
    await monitor.end();
    await set('locked', {only: ['databases', 'roles']});
  });
});
