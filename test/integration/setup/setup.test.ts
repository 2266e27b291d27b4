import {execFile, execFileSync} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {LOGIN_ROLES} from '../../../src/config/variables.ts';
import {UserError} from '../../../src/core/errors.ts';
import {secret} from '../../../src/core/secret.ts';
import type {PostgresServer} from '../../../src/demo/postgres.ts';
import {openPg} from '../../../src/io/pg.ts';
import {loadSql} from '../../../src/io/sql.ts';
import type {PgTarget} from '../../../src/io/targets.ts';
import type {Section} from '../../../src/setup/sections.ts';
import {type SetupOptions, type StepReport, setUp} from '../../../src/setup/setup.ts';
import {readChecks} from '../../../src/verify/read-checks.ts';
import {runChecks} from '../../../src/verify/run.ts';
import {targetOf} from '../../helpers/desk/desk.ts';
import {ownPostgres, runSql} from '../../helpers/servers/servers.ts';

const sql = loadSql();
const run = promisify(execFile);
const version = (program: string): number => {
  try {
    return Number(/(\d+)\.\d+/.exec(execFileSync(program, ['--version'], {encoding: 'utf8'}))?.[1]);
  } catch {
    return 0;
  }
};

let server: PostgresServer;
beforeAll(async () => {
  server = await ownPostgres({settings: {log_statement: 'all', log_min_duration_statement: '0'}});
});
afterAll(() => server?.stop());

const target = (database: string, user = 'postgres', password = server.password): PgTarget =>
  targetOf({...server, database}, user, password);
const config = (database: string, user = 'postgres', password = server.password): pg.ClientConfig => ({
  host: server.host,
  port: server.port,
  database,
  user,
  password,
  ssl: false,
});
const set = (database: string, options: Partial<SetupOptions> = {}): Promise<readonly StepReport[]> =>
  setUp({trading: target(database), prefect: {database: `${database}_prefect`, owner: 'prefect'}, sql, ...options});
async function rows<T extends pg.QueryResultRow>(
  database: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly T[]> {
  const client = new pg.Client(config(database));
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<T>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}
const inventory = (database: string) => rows(database, 'SELECT * FROM shared.inventory() ORDER BY 1, 2, 3, 4');
const results = (reports: readonly StepReport[]): readonly string[] => [
  ...new Set(reports.flatMap(r => r.did.map(d => d.result))),
];
async function verified(database: string): Promise<Readonly<Record<string, string>>> {
  const io = openPg(target(database), sql, {name: 'test', max: 1, statementMs: 30_000});
  try {
    const found = await runChecks(io, readChecks(sql), {only: ['setup']});
    return Object.fromEntries(found.filter(r => r.status !== 'pass').map(r => [r.id, r.status]));
  } finally {
    await io.close();
  }
}
const caught = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    error => error,
  );

describe('a fresh server', () => {
  it('stays empty in a dry run, which reports what would be created', async () => {
    const reports = await set('first', {dryRun: true});
    const said = new Map<string, string>(reports.flatMap(r => r.did.map(d => [`${d.what} ${d.object}`, d.result])));
    for (const thing of [
      'role svc_execution',
      'database first',
      'database first_prefect',
      'table execution.trades',
      'table shared.audit_log',
      'function shared.create_monthly_partition',
      'index execution.idx_orders_open',
    ]) {
      expect([thing, said.get(thing)]).toEqual([thing, 'would be created']);
    }
    expect(await rows('postgres', "SELECT datname FROM pg_database WHERE datname LIKE 'first%'")).toEqual([]);
    expect(await rows('postgres', "SELECT rolname FROM pg_roles WHERE rolname ~ '^(svc_|trade|prefect)'")).toEqual([]);
  });

  it('is set up once by 20 at the same time, and then is correct', {timeout: 180_000}, async () => {
    const reports = await Promise.all(Array.from({length: 20}, () => set('first')));
    expect(reports).toHaveLength(20);
    expect(await verified('first')).toEqual({});
    const made = reports.flatMap(r => r.flatMap(s => s.did)).filter(d => d.result === 'created');
    for (const table of ['execution.orders', 'data_ingestion.market_data', 'shared.audit_log']) {
      expect(made.filter(d => d.what === 'table' && d.object === table)).toHaveLength(1);
    }
  });

  it('is not changed by a second run, which waits for no reader or writer', async () => {
    const before = await inventory('first');
    const busy = new pg.Client(config('first'));
    await busy.connect();
    await busy.query('BEGIN');
    for (const table of ['execution.orders', 'execution.trades', 'execution.positions', 'data_ingestion.market_data']) {
      await busy.query(`LOCK TABLE ${table} IN ROW EXCLUSIVE MODE`);
    }
    // VACUUM and ANALYZE of a large table hold this lock for hours.
    await busy.query('LOCK TABLE logging.system_logs, shared.audit_log IN SHARE UPDATE EXCLUSIVE MODE');
    const reports = await set('first');
    await busy.query('ROLLBACK');
    await busy.end();
    expect(results(reports)).toEqual(['already there']);
    expect(await inventory('first')).toEqual(before);
    expect(results(await set('first', {dryRun: true}))).toEqual(['already there']);
  });

  it('lets our roles connect to their databases, and nobody else', async () => {
    await runSql(config('postgres'), "CREATE ROLE stranger LOGIN PASSWORD 'stranger'");
    const services = ['data_ingestion', 'strategy_engine', 'execution', 'risk_management', 'analytics', 'notification']
      .concat('logging')
      .map(service => `svc_${service}`);
    const desk = [...services, 'tradetop_sync', 'trading_app', 'tradetop_monitor', 'tradetop_operator'];
    const may = async (right: string, database: string): Promise<readonly unknown[]> => {
      const roles = ['stranger', ...desk, 'prefect'];
      const having = `SELECT role FROM unnest($1::text[]) AS role WHERE has_database_privilege(role, $2, $3)`;
      const client = new pg.Client(config('postgres'));
      await client.connect();
      const found = await client.query(having, [roles, database, right]);
      await client.end();
      return found.rows.map(r => r.role);
    };
    expect(await may('CONNECT', 'first')).toEqual(desk);
    expect(await may('CONNECT', 'first_prefect')).toEqual(['tradetop_monitor', 'tradetop_operator', 'prefect']);
    expect([await may('TEMPORARY', 'first'), await may('CREATE', 'first')]).toEqual([[], []]);
    const refused = await caught(runSql({...config('first'), user: 'stranger', password: 'stranger'}, 'SELECT 1'));
    expect(refused).toMatchObject({code: '42501'});
    expect(
      await rows('postgres', "SELECT datdba::regrole::text AS owner FROM pg_database WHERE datname = 'first_prefect'"),
    ).toEqual([{owner: 'prefect'}]);
  });

  it('gives Prefect’s database to the named owner, and leaves its tables alone', async () => {
    await runSql(config('first_prefect'), 'CREATE TABLE flow_run (id int); INSERT INTO flow_run VALUES (1)');
    await set('first');
    expect(await rows('first_prefect', 'SELECT * FROM flow_run')).toEqual([{id: 1}]);
    expect(
      await rows('first_prefect', "SELECT relowner::regrole::text, relacl FROM pg_class WHERE relname = 'flow_run'"),
    ).toEqual([{relowner: 'postgres', relacl: null}]);
  });

  it('accepts names with spaces and quotes', async () => {
    const odd = `o'dd "name"`;
    await set(odd, {prefect: {database: `${odd} 2`, owner: `own'er "x"`}});
    expect(await verified(odd)).toEqual({});
    expect(results(await set(odd, {prefect: {database: `${odd} 2`, owner: `own'er "x"`}}))).toEqual(['already there']);
  });
});

describe('both ways to set up', () => {
  const psql = version('psql');
  const byPsql = async (database: string, file: string, step: 'server' | 'trading') =>
    run(
      'psql',
      [
        '-X',
        '-U',
        'postgres',
        '-h',
        server.host,
        '-p',
        `${server.port}`,
        ...(step === 'trading' ? ['-d', database] : []),
      ].concat(['-f', `${sql.dir}/${file}`]),
      {
        env: {
          ...process.env,
          PGPASSWORD: server.password,
          TRADING_DB_NAME: database,
          PREFECT_DB_NAME: `${database}_prefect`,
        },
      },
    );
  const fourSteps = async (database: string): Promise<string> => {
    await byPsql(database, '01_create_databases.sql', 'server');
    await byPsql(database, '02_create_core_tables.sql', 'trading');
    await byPsql(database, '03_create_indexes.sql', 'trading');
    return (await byPsql(database, '04_verify_setup.sql', 'trading')).stdout;
  };

  it.skipIf(psql === 0)('create the same database, and each accepts the other’s', {timeout: 60_000}, async () => {
    expect(await fourSteps('by_hand')).toMatch(/\d+ passed, 0 warned, 0 failed/);
    await set('by_command');
    expect(await inventory('by_hand')).toEqual(await inventory('by_command'));
    expect(await verified('by_hand')).toEqual({});
    expect(results(await set('by_hand'))).toEqual(['already there']);
    expect(await fourSteps('by_command')).toMatch(/\d+ passed, 0 warned, 0 failed/);
    expect(await inventory('by_hand')).toEqual(await inventory('by_command'));
  });

  it.skipIf(psql === 0)(
    'work together, by several people at the same time, on a server without either',
    {timeout: 180_000},
    async () => {
      const chains = Array.from({length: 6}, () => fourSteps('together'));
      const commands = Array.from({length: 3}, () =>
        set('together', {prefect: {database: 'together_prefect', owner: 'prefect'}}),
      );
      const [said] = await Promise.all([Promise.all(chains), Promise.all(commands)]);
      for (const text of said) expect(text).toMatch(/\d+ passed, 0 warned, 0 failed/);
      expect(await inventory('together')).toEqual(await inventory('by_hand'));
    },
  );

  it.skipIf(psql === 0)('step 4 ends psql with an error when a check fails, and shows the row', async () => {
    await runSql(config('by_hand'), 'DROP INDEX execution.idx_trades_strategy');
    const error = (await caught(byPsql('by_hand', '04_verify_setup.sql', 'trading'))) as {
      code: number;
      stdout: string;
      stderr: string;
    };
    expect(error.code).toBe(3);
    expect(error.stdout).toMatch(/^execution\.idx_trades_strategy: is missing$/m);
    expect(error.stdout).toMatch(/^FAIL {2}setup_indexes/m);
    expect(error.stdout).toMatch(/^PASS {2}setup_audit/m);
    expect(error.stderr).toMatch(/the set-up is not right: setup_indexes/);
  });
});

describe('parts of the set-up', () => {
  const only = (database: string, ...sections: readonly Section[]) => set(database, {only: sections});

  it('run alone, in any possible order', async () => {
    await only('parts', 'databases', 'roles');
    expect(await rows('parts', "SELECT to_regclass('execution.orders') AS t")).toEqual([{t: null}]);
    await only('parts', 'tables');
    expect(await verified('parts')).toMatchObject({setup_indexes: 'fail', setup_rights: 'fail'});
    await only('parts', 'roles');
    expect(await verified('parts')).toEqual({
      setup_indexes: 'fail',
      setup_partition_indexes: 'pass'.slice(4) || undefined,
    });
  });

  it('report which other part they need', async () => {
    const error = await caught(only('nowhere', 'tables'));
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({message: expect.stringMatching(/no database nowhere/), exitCode: 2});
    const indexes = await caught(
      (async () => {
        await only('bare', 'databases', 'roles');
        await only('bare', 'indexes');
      })(),
    );
    expect(indexes).toMatchObject({next: expect.stringMatching(/Run step 2 first/)});
  });
});

describe('passwords of roles', () => {
  const given = (passwords: Readonly<Record<string, string>>) =>
    Object.entries({...LOGIN_ROLES, prefect: 'PREFECT_DB_PASSWORD', postgres: 'NEVER'}).map(([role, variable]) => ({
      role,
      variable,
      password: secret(passwords[role]),
    }));
  const did = async (passwords: Readonly<Record<string, string>>, options: Partial<SetupOptions> = {}) => {
    const reports = await set('first', {only: ['roles', 'prefect'], passwords: given(passwords), ...options});
    return Object.fromEntries(
      reports.flatMap(r => r.did.filter(d => d.what === 'password').map(d => [d.object.split(' ')[0], d.result])),
    );
  };
  const logsIn = async (role: string, password: string): Promise<string> => {
    const client = new pg.Client(config('first', role, password));
    client.on('error', () => {});
    try {
      await client.connect();
      return 'in';
    } catch (error) {
      return String((error as {code?: string}).code);
    } finally {
      await client.end().catch(() => {});
    }
  };

  it('are missing at first: nobody logs in with one, and the variable is named', async () => {
    expect(await logsIn('svc_execution', '')).not.toBe('in');
    const reports = await set('first', {only: ['roles'], passwords: given({})});
    const said = reports.flatMap(r => r.did.filter(d => d.what === 'password'));
    expect(said.map(d => d.object)).toContain('svc_execution (SVC_EXECUTION_PASSWORD)');
    expect(said).toHaveLength(Object.keys(LOGIN_ROLES).length);
  });

  it.each([
    ['plain', 'sesame-42'],
    ['of quotes and backslashes', `a'b"c\\d$$e`],
    ['of letters from everywhere', 'pässwörd✓пароль'],
    ['longer than usual', 'x'.repeat(300)],
  ])('%s let the role in, and no other does', async (_, password) => {
    expect((await did({svc_execution: password})).svc_execution).toBe('set');
    expect([await logsIn('svc_execution', password), await logsIn('svc_execution', `${password}.`)]).toEqual([
      'in',
      '28P01',
    ]);
    expect((await did({svc_execution: password})).svc_execution).toBe('already there');
  });

  it('are set for every role with one, Prefect’s owner too, and never for a superuser', async () => {
    const all = Object.fromEntries([...Object.keys(LOGIN_ROLES), 'prefect', 'postgres'].map(r => [r, `pw of ${r}`]));
    expect(await did(all, {dryRun: true})).toMatchObject({trading_app: 'would be set'});
    expect(await logsIn('trading_app', 'pw of trading_app')).toBe('28P01');
    const said = await did(all);
    expect(Object.keys(said).sort()).toEqual([...Object.keys(LOGIN_ROLES), 'prefect'].sort());
    for (const role of Object.keys(LOGIN_ROLES))
      expect([role, await logsIn(role, `pw of ${role}`)]).toEqual([role, 'in']);
    expect(await logsIn('postgres', server.password)).toBe('in');
  });

  it('are never in a statement, the log or the statistics, nor are their verifiers in the statistics', async () => {
    await did({svc_logging: 'a very secret word'});
    const log = await readFile(join(server.dir, 'pg', 'server.log'), 'utf8');
    const statistics = await rows<{query: string}>('first', 'SELECT query FROM pg_stat_statements');
    expect(log).toContain('setup/set_verifier');
    expect(log).not.toContain('very secret');
    expect(statistics.filter(s => /very secret|SCRAM-SHA-256\$4096/.test(s.query))).toEqual([]);
  });
});

describe('a set-up without all rights', () => {
  it('is refused for a role that may create nothing, with what to grant', async () => {
    await runSql(config('postgres'), "CREATE ROLE weak LOGIN PASSWORD 'weak'");
    const error = await caught(set('never', {trading: target('never', 'weak', 'weak')}));
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/"weak" may not create roles/),
      next: expect.stringMatching(/ALTER ROLE weak CREATEDB CREATEROLE/),
    });
    expect(await rows('postgres', "SELECT FROM pg_database WHERE datname = 'never'")).toEqual([]);
  });

  it('reports a wrong password, port or database in one sentence', async () => {
    for (const trading of [target('x', 'postgres', 'wrong'), {...target('x'), port: 1}, target('x', 'nobody')]) {
      const error = await caught(set('x', {trading}));
      expect(error).toBeInstanceOf(UserError);
      expect((error as UserError).next).not.toBe('');
      expect(`${error}`).not.toMatch(/\n|wrong/);
    }
  });
});

describe('a set-up by a role with CREATEDB and CREATEROLE alone, on a server of its own', () => {
  let own: PostgresServer;
  beforeAll(async () => {
    own = await ownPostgres({settings: {shared_preload_libraries: ''}});
    await runSql(
      {...config('postgres'), port: own.port, password: own.password},
      "CREATE ROLE builder LOGIN CREATEDB CREATEROLE PASSWORD 'builder'",
    );
  });
  afterAll(() => own?.stop());

  it('continues without the rights and extensions that only a superuser can give, and says how to add each', async () => {
    const trading: PgTarget = {...target('trading_system', 'builder', 'builder'), port: own.port};
    const reports = await set('trading_system', {trading});
    const lacking = reports.flatMap(r => r.did.filter(d => d.result.startsWith('missing right')));
    expect(lacking.map(d => d.result)).toContain(
      'missing right, run as a superuser: GRANT pg_monitor TO tradetop_monitor',
    );
    expect(reports.flatMap(r => r.warnings)).toEqual([
      expect.stringMatching(/pg_stat_statements is not installed.*CREATE EXTENSION pg_stat_statements/),
    ]);
    const io = openPg(trading, sql, {name: 'test', max: 1});
    const found = await runChecks(io, readChecks(sql), {only: ['setup']});
    await io.close();
    expect(Object.fromEntries(found.filter(r => r.status !== 'pass').map(r => [r.id, r.status]))).toEqual({
      setup_roles: 'fail',
      setup_extensions: 'warn',
    });
    // A superuser does what was reported, and everything is correct but what needs a restart.
    const admin = {...config('trading_system'), port: own.port, password: own.password};
    for (const {result} of lacking) await runSql(admin, result.replace(/^.*superuser: /, ''));
    await runSql(admin, 'CREATE EXTENSION pg_stat_statements');
    const again = openPg({...trading, user: 'postgres', password: secret(own.password)}, sql, {name: 'test', max: 1});
    const rest = (await runChecks(again, readChecks(sql), {only: ['setup']})).filter(r => r.status !== 'pass');
    await again.close();
    expect(rest.map(r => [r.id, r.rows])).toEqual([
      [
        'setup_extensions',
        [
          {
            object: 'pg_stat_statements',
            problem: 'is not loaded when the server starts (shared_preload_libraries)',
          },
        ],
      ],
    ]);
  });
});
