import {execFile} from 'node:child_process';
import {writeFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {Redis} from 'ioredis';
import pg from 'pg';
import {afterAll, beforeAll, describe, expect, it, vi} from 'vitest';
import {secret} from '../../../src/core/secret.ts';
import type {Finding} from '../../../src/doctor/finding.ts';
import {examinePostgres} from '../../../src/doctor/postgres.ts';
import {examinePrefect} from '../../../src/doctor/prefect.ts';
import {examineRedis} from '../../../src/doctor/redis.ts';
import {openPg} from '../../../src/io/pg.ts';
import {parseRedisUrl} from '../../../src/io/redis-url.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {setUp} from '../../../src/setup/setup.ts';
import {type Bench, makeBench, newServer, oldServer} from '../../helpers/desk/acting.ts';
import {targetOf} from '../../helpers/desk/desk.ts';
import {PREFECT_SCHEMA} from '../../helpers/desk/prefect.ts';
import {freshDatabase, ownPostgres, ownRedis, ownTempDir, runSql, servers} from '../../helpers/servers/servers.ts';

const sql = loadSql();
const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
const by = (findings: readonly Finding[], id: string): Finding | undefined => findings.find(f => f.id === id);
const not = (findings: readonly Finding[], ...status: readonly Finding['status'][]): readonly string[] =>
  findings.filter(f => !status.includes(f.status)).map(f => `${f.id}: ${f.text}`);

describe.each([newServer, ...oldServer])('the doctor on %s', (_name, start) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await makeBench(await start());
  });
  afterAll(() => bench.close());
  const examine = async (user: string) => (await examinePostgres(bench.config(user).trading, sql)).findings;

  it('finds nothing missing for the operator of a database that is set up, and only actions for its monitor', async () => {
    expect(not(await examine(await bench.role(['tradetop_operator'])), 'ok', 'warn')).toEqual([]);
    const monitor = await examine(await bench.role(['tradetop_monitor']));
    expect(not(monitor, 'ok', 'warn')).toEqual([]);
    for (const id of ['right_signal', 'right_maintain', 'right_audit']) expect(by(monitor, id)?.status).toBe('warn');
  });

  it('gives a role without rights the statements that grant them, and they do', async () => {
    const role = await bench.role([]);
    const before = await examine(role);
    const wrong = before.filter(f => f.id.startsWith('right_'));
    expect(wrong.map(f => [f.id, f.status])).toEqual([
      ['right_statistics', 'missing'],
      ['right_desk', 'missing'],
      ['right_signal', 'warn'],
      ['right_maintain', 'warn'],
      ['right_audit', 'warn'],
    ]);
    expect(by(before, 'right_statistics')?.remedy).toBe(`GRANT pg_monitor TO ${role};`);
    for (const {remedy} of wrong) await bench.admin.query(remedy as string);
    expect(
      not(
        (await examine(role)).filter(f => f.id.startsWith('right_')),
        'ok',
      ),
    ).toEqual([]);
  });

  it('warns of a superuser, and of nobody else', async () => {
    expect(by(await examine('postgres'), 'right_power')).toMatchObject({
      status: 'warn',
      remedy: expect.stringMatching(/^connect as tradetop_monitor/),
    });
    for (const of of ['tradetop_monitor', 'tradetop_operator']) {
      expect(by(await examine(await bench.role([of])), 'right_power')).toBeUndefined();
    }
  });

  it('names a table that the operator cannot maintain, and its remedy works', async () => {
    await bench.admin.query('CREATE TABLE logging."Not yours" (id int)');
    const role = await bench.role(['tradetop_operator']);
    const found = by(await examine(role), 'right_maintain');
    expect(found).toMatchObject({status: 'warn'});
    expect(found?.text).toContain('not logging."Not yours" of postgres');
    await bench.admin.query(found?.remedy as string);
    expect(by(await examine(role), 'right_maintain')?.status).toBe('ok');
  });

  it('reports a missing extension, and its remedy creates it', async () => {
    await bench.admin.query('DROP EXTENSION pg_stat_statements');
    const found = by(await examine('postgres'), 'statements_extension');
    expect(found).toMatchObject({status: 'missing', remedy: 'CREATE EXTENSION pg_stat_statements;'});
    await bench.admin.query(found?.remedy as string);
    expect(by(await examine('postgres'), 'statements_extension')?.status).toBe('ok');
  });

  it('names the setting that keeps the database read-only wherever something writes, and its statements take it back', async () => {
    const operator = await bench.role(['tradetop_operator']);
    const {database} = bench;
    const trading = bench.config('postgres').trading;
    const setUpAgain = () => setUp({trading, prefect: {database: 'prefect', owner: 'prefect'}, sql, only: ['tables']});
    const target = {kind: 'table', schema: 'execution', name: 'trades'} as const;
    for (const [on, named] of [
      [`DATABASE ${database}`, `for database ${database}`],
      [`ROLE tradetop_operator IN DATABASE ${database}`, undefined],
      [`ROLE ${operator} IN DATABASE ${database}`, `for role ${operator} in database ${database}`],
    ] as const) {
      await bench.admin.query(`ALTER ${on} SET default_transaction_read_only = on`);
      const reset = `SET default_transaction_read_only = off; ALTER ${on} RESET default_transaction_read_only;`;
      const found = by(await examine('postgres'), 'read_only');
      if (on.includes(operator)) expect(found).toBeUndefined();
      else expect(found).toMatchObject({status: 'missing', remedy: reset});
      if (named !== undefined) {
        const gate = bench.gate(operator);
        const outcome = await gate.run(await gate.plan('analyze', target));
        expect(outcome).toMatchObject({refused: true, summary: expect.stringContaining(named)});
        expect(outcome.summary).toContain(reset);
        const writer = openPg(bench.config(operator).trading, sql, {name: 'writer', writes: true});
        await expect(writer.query('pg/backend')).rejects.toMatchObject({code: '25006', next: reset});
        await writer.close();
      }
      if (named === `for database ${database}`) {
        await expect(setUpAgain()).rejects.toMatchObject({
          message: expect.stringMatching(new RegExp(`takes no writes: default_transaction_read_only is on ${named}`)),
          next: reset,
        });
      }
      // In a session that is read-only itself.
      const session = await bench.session();
      for (const statement of reset.split(';').filter(one => one.trim() !== '')) await session.query(statement);
    }
    await setUpAgain();
    expect(by(await examine('postgres'), 'read_only')).toBeUndefined();
  });

  it('warns of a setting that a feature needs', async () => {
    const role = await bench.role(['tradetop_monitor']);
    await bench.admin.query(`ALTER ROLE ${role} SET track_io_timing = off`);
    expect(by(await examine(role), 'setting_track_io_timing')).toMatchObject({
      status: 'warn',
      feature: 'slow queries',
      remedy: 'ALTER SYSTEM SET track_io_timing = on; SELECT pg_reload_conf();',
    });
  });
});

describe('the doctor', () => {
  it('reports what an empty database lacks, and that Prefect has not initialised it', async () => {
    const database = await freshDatabase();
    const {host, port, user, password, database: name} = database.config;
    const target = {host, port, user, password: secret(password), database: name, ssl: 'disable'} as const;
    const {findings} = await examinePostgres(target, sql);
    expect(by(findings, 'set_up')).toMatchObject({status: 'missing', remedy: 'tradetop setup'});
    expect(by(findings, 'right_audit')).toBeUndefined();
    expect(by(await examinePrefect(target, sql), 'prefect_tables')?.status).toBe('warn');
    await database.drop();
  });

  it('finds Prefect’s tables in whatever schema they are, their migration, and the program', async () => {
    const database = await freshDatabase();
    const target = targetOf(database);
    const alembic =
      "CREATE TABLE alembic_version (version_num varchar(32)); INSERT INTO alembic_version VALUES ('7a73514ca2d6');";
    await runSql(database.config, `CREATE SCHEMA flows; SET search_path = flows; ${PREFECT_SCHEMA}`);
    const examined = async () => {
      const findings = await examinePrefect(target, sql);
      return findings.map(({id, status, text}) => `${id} ${status} ${text}`);
    };
    const inFlows = `prefect_tables ok database ${database.name} has Prefect's tables in schema flows`;
    const none = 'prefect_migration warn Prefect’s migration is unknown: the table alembic_version is missing';
    expect(await examined()).toEqual([inFlows, none]);
    await runSql(database.config, `SET search_path = flows; ${alembic}`);
    const bin = await ownTempDir();
    await writeFile(`${bin.dir}/prefect`, '#!/bin/sh\necho 3.4.1\n', {mode: 0o755});
    vi.stubEnv('PATH', `${bin.dir}:${process.env.PATH}`);
    const at = "prefect_migration ok Prefect's tables are at migration 7a73514ca2d6";
    expect(await examined()).toEqual([inFlows, at, `prefect_program ok Prefect 3.4.1, ${bin.dir}/prefect`]);
    await writeFile(`${bin.dir}/prefect`, '#!/bin/sh\nexit 1\n', {mode: 0o755});
    expect((await examined())[2]).toMatch(/^prefect_program warn .*\/prefect does not run: /);
    vi.unstubAllEnvs();
    await runSql(database.config, `SET search_path = public; ${PREFECT_SCHEMA}`);
    expect((await examined())[0]).toMatch(
      /^prefect_tables warn .* in more than one schema: public, flows; the first is read$/,
    );
    await database.drop();
  });

  it('says how to load pg_stat_statements, and that loads it', async () => {
    const server = await ownPostgres({settings: {shared_preload_libraries: ''}});
    const {host, port, user, password} = server;
    const target = {host, port, user, password: secret(password), database: 'postgres', ssl: 'disable'} as const;
    const found = by((await examinePostgres(target, sql)).findings, 'statements_library');
    expect(found).toMatchObject({status: 'missing'});
    const [statement, then] = (found?.remedy ?? '').split('; ');
    expect(then).toBe('then restart PostgreSQL');
    const admin = new pg.Client({host, port, user, password, database: 'postgres', ssl: false});
    admin.on('error', () => {});
    await admin.connect();
    await admin.query(statement as string);
    await admin.end();
    await server.restart();
    expect(by((await examinePostgres(target, sql)).findings, 'statements_library')?.status).toBe('ok');
    await server.stop();
  });

  it('distinguishes a wrong password from a server that does not answer', async () => {
    const {postgres, redis} = await servers();
    const target = {...postgres, password: secret('wrong'), database: 'postgres', ssl: 'disable'} as const;
    const refused = await examinePostgres(target, sql);
    expect(refused.reached).toBe(false);
    expect(refused.findings[0]?.text).toMatch(/is refused: password authentication failed/);
    expect(refused.findings[0]?.remedy).toContain('TRADING_DB_PASSWORD');
    const nobody = await examinePostgres({...target, port: 1}, sql);
    expect(nobody.findings[0]?.text).toMatch(/cannot be used: connect ECONNREFUSED/);
    const [wrong] = await examineRedis(parseRedisUrl(`redis://:wrong@${redis.host}:${redis.port}/0`));
    expect(wrong?.text).toMatch(/refuses the connection: WRONGPASS/);
    const [none] = await examineRedis(parseRedisUrl('redis://127.0.0.1:1/0'));
    expect(none?.text).toMatch(/does not answer: connect ECONNREFUSED/);
  });

  it('gives a Redis user without rights the commands that grant them, and they do', async () => {
    const server = await ownRedis();
    const admin = new Redis(server.url);
    await admin.call(
      'ACL',
      'SETUSER',
      'bob',
      'on',
      '>pw',
      '+ping',
      '+hello',
      '+client',
      '+subscribe',
      '&data_sync:trades',
    );
    await admin.call('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 1048576 0 0');
    await admin.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const url = new URL(server.url);
    const target = parseRedisUrl(`redis://bob:pw@${url.hostname}:${url.port}/0`);
    const before = await examineRedis(target);
    expect(by(before, 'redis_channels')).toMatchObject({status: 'missing'});
    expect(by(before, 'redis_channels')?.text).toContain(
      'may not subscribe to data_sync:market_data, data_sync:positions',
    );
    for (const {remedy, status} of before)
      if (status !== 'ok') await admin.call(...((remedy as string).split(' ') as [string]));
    expect(not(await examineRedis(target), 'ok')).toEqual([]);
    const own = await examineRedis(parseRedisUrl(server.url));
    expect(by(own, 'redis_buffer')).toMatchObject({status: 'warn'});
    expect(by(own, 'redis_eviction')).toMatchObject({status: 'warn', remedy: 'CONFIG SET maxmemory-policy noeviction'});
    admin.disconnect();
    await server.stop();
  });

  it('prints lines or one JSON document, and exits with 0, 1 or 2', async () => {
    const {postgres, redis} = await servers();
    const bench = await makeBench(await newServer[1]());
    const run = async (env: Readonly<Record<string, string>>, ...args: string[]) =>
      promisify(execFile)(process.execPath, [CLI, 'doctor', ...args], {
        env: {PATH: process.env.PATH, ...bench.env('postgres'), REDIS_URL: redis.url, ...env},
      }).then(
        ({stdout, stderr}) => ({code: 0, stdout, stderr}),
        ({code, stdout, stderr}) => ({code, stdout, stderr}),
      );
    const well = await run({}, '--ascii');
    expect(well.stdout).toContain(
      `o ok      PostgreSQL at ${postgres.host}:${postgres.port}/${bench.database} as postgres`,
    );
    expect(well.stdout).toMatch(/\n\d+ ok, \d+ warnings?, 0 missing\n$/);
    expect(well.code).toBe(0);
    const json = await run({REDIS_URL: 'redis://127.0.0.1:1/0'}, '--json');
    const document = JSON.parse(json.stdout);
    expect(Object.keys(document)).toEqual(['at', 'environment', 'summary', 'findings']);
    expect(document.summary.missing).toBe(1);
    expect(document.findings.find((f: Finding) => f.id === 'redis')).toMatchObject({
      status: 'missing',
      mend: 'Is the server running, and are host and port right?',
    });
    expect(json.code).toBe(1);
    const none = await run({POSTGRES_PORT: '1'});
    expect(none.stderr).toContain('PostgreSQL could not be reached.');
    expect(none.code).toBe(2);
    await bench.close();
  });
});
