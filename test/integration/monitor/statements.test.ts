import type pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {secret} from '../../../src/core/secret.ts';
import type {PostgresServer} from '../../../src/demo/postgres.ts';
import type {Io} from '../../../src/io/io.ts';
import type {Pg} from '../../../src/io/pg.ts';
import {statementsPoller} from '../../../src/monitor/statements.ts';
import {targetOf} from '../../helpers/desk/desk.ts';
import {ownPostgres} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';
import {failureIn, manyStatements, monitorPool, readerOf, recorded, session} from '../../helpers/state/polls.ts';

let postgres: PostgresServer;
let admin: pg.Client;
let trading: Pg;

const target = (database = 'postgres') => targetOf({...postgres, database});
const connect = async (): Promise<void> => {
  admin = await session(target(), 'admin');
};

beforeAll(async () => {
  postgres = await ownPostgres();
  await connect();
  await admin.query('CREATE EXTENSION pg_stat_statements');
  await admin.query(`CREATE ROLE svc_analytics LOGIN PASSWORD 'p'`);
  // Neither column names nor constants make a different statement; tables do.
  for (const table of ['before_all', 'both_run_it', 'new_one', 'counted', 'kept']) {
    await admin.query(`CREATE TABLE ${table} (n int); GRANT SELECT ON ${table} TO svc_analytics`);
  }
  trading = monitorPool(target());
});
afterAll(async () => {
  await trading?.close();
  await admin?.end();
  await postgres?.stop();
});

const times = async (n: number, query: string, client: pg.Client = admin): Promise<void> => {
  for (let i = 0; i < n; i++) await client.query(query);
};
/** The row of the statement that contains `words`. */
const about = ({statements: rows}: Awaited<ReturnType<ReturnType<typeof reader>>>, words: string) =>
  rows.find(r => r.query.includes(words));
const reader = (io: Pg | ReturnType<typeof recorded> = trading) => readerOf(statementsPoller, {trading: io});

describe('slow queries', () => {
  it('count exactly the calls of the interval', async () => {
    const read = reader();
    await times(5, 'SELECT n FROM before_all');
    const first = await read();
    expect(first.statements).toEqual([]);
    expect(first.statements_info[0]).toMatchObject({intervalSeconds: undefined, dealloc: 0});
    expect(first.statements_info[0]?.statements).toBeGreaterThan(0);
    await times(7, 'SELECT n FROM generate_series(1, 3) AS seven (n)');
    await times(2, 'SELECT pg_sleep(0.02) AS twice');
    const second = await read();
    expect(about(second, 'before_all')).toBeUndefined();
    expect(about(second, 'seven')).toMatchObject({
      calls: 7,
      callsTotal: 7,
      rowsPerCall: 3,
      service: 'postgres',
      database: 'postgres',
    });
    expect(second.statements[0]?.query).toBe('SELECT pg_sleep($1) AS twice');
    expect(second.statements[0]?.meanMs).toBeGreaterThanOrEqual(20);
    expect(second.statements[0]?.percent).toBeGreaterThan(50);
    const seconds = second.statements_info[0]?.intervalSeconds ?? 0;
    expect(about(second, 'seven')?.callsPerSecond).toBeCloseTo(7 / seconds);
    await times(3, 'SELECT n FROM generate_series(1, 3) AS seven (n)');
    const third = await read();
    expect(about(third, 'seven')).toMatchObject({calls: 3, callsTotal: 10});
    expect(about(third, 'twice')).toBeUndefined();
  });

  it('name the service by its role, and keep the statements of two roles apart', async () => {
    const service = await session(targetOf({...postgres, database: 'postgres'}, 'svc_analytics', 'p'), 'job');
    const read = reader();
    await read();
    await times(4, 'SELECT n FROM both_run_it', service);
    await times(2, 'SELECT n FROM both_run_it');
    const {statements: rows} = await read();
    const both = rows.filter(r => r.query.includes('both_run_it')).map(r => [r.service, r.user, r.calls]);
    expect(both.sort()).toEqual([
      ['analytics', 'svc_analytics', 4],
      ['postgres', 'postgres', 2],
    ]);
    await service.end();
  });

  it('do not contain our own readings', async () => {
    const read = reader();
    for (let i = 0; i < 4; i++) {
      const {statements: rows} = await read();
      expect(rows.filter(r => /tradetop:|pg_stat_statements/.test(r.query))).toEqual([]);
    }
    const {rows} = await admin.query(
      `SELECT count(*)::int AS n FROM pg_stat_statements WHERE query LIKE '%tradetop:monitor/statements %'`,
    );
    expect(rows[0].n).toBeGreaterThan(0);
  });

  it('read texts only when there are new statements', async () => {
    const io = recorded(trading);
    const read = reader(io);
    await read();
    await times(1, 'SELECT n FROM new_one');
    await read();
    expect(io.statements).toContain('monitor/statement_texts');
    io.statements.clear();
    await times(1, 'SELECT n FROM new_one');
    expect(about(await read(), 'new_one')).toMatchObject({calls: 1, callsTotal: 2});
    expect([...io.statements].sort()).toEqual(['monitor/statements', 'monitor/statements_info']);
  });

  it('continue after a reset, of all or of one, without a negative or a doubled number', async () => {
    const read = reader();
    await times(50, 'SELECT n FROM counted');
    await read();
    await admin.query('SELECT pg_stat_statements_reset()');
    await times(3, 'SELECT n FROM counted');
    const after = await read();
    expect(about(after, 'counted')).toMatchObject({calls: 3, callsTotal: 3});
    await admin.query(
      `SELECT pg_stat_statements_reset(userid, dbid, queryid) FROM pg_stat_statements WHERE query LIKE '%FROM counted'`,
    );
    await times(5, 'SELECT n FROM counted');
    expect(about(await read(), 'counted')).toMatchObject({calls: 5, callsTotal: 5});
    expect(about(await read(), 'counted')).toBeUndefined();
  });

  it('start again after a restart, clean or not', async () => {
    const read = reader();
    await times(20, 'SELECT n FROM kept');
    await read();
    await admin.end();
    await postgres.restart();
    await connect();
    await times(2, 'SELECT n FROM kept');
    const again = await waitFor('an answer', read);
    expect(again.statements).toEqual([]);
    expect(again.statements_info[0]?.intervalSeconds).toBeUndefined();
    await times(1, 'SELECT n FROM kept');
    expect(about(await read(), 'kept')).toMatchObject({calls: 1, callsTotal: 23});
    await postgres.kill9();
    await postgres.restart();
    await admin.end().catch(() => {});
    await connect();
    const crashed = await waitFor('an answer', read);
    expect(crashed.statements).toEqual([]);
  });

  it('are asked for what has changed alone, of thousands', async () => {
    await manyStatements(target(), 3000);
    const answers: number[] = [];
    const counting: Io = {
      ...trading,
      query: async (...asked) => {
        const rows = await trading.query(...asked);
        if (asked[0] === 'monitor/statements') answers.push(rows.length);
        return rows;
      },
    };
    const read = readerOf(statementsPoller, {trading: counting});
    const first = await read();
    expect(first.statements_info[0]?.statements).toBeGreaterThan(2900);
    await times(3, 'SELECT n FROM counted');
    answers.splice(0);
    const {statements, statements_info: info} = await read();
    expect(statements.find(r => r.query.includes('counted'))).toMatchObject({calls: 3});
    expect(info[0]?.statements).toBeGreaterThan(2900);
    expect(answers.reduce((sum, rows) => sum + rows)).toBeLessThan(500);
    await admin.query('SELECT pg_stat_statements_reset()');
    expect((await read()).statements_info[0]?.statements).toBeLessThan(100);
  });

  it('notice evictions', async () => {
    await admin.query('ALTER SYSTEM SET pg_stat_statements.max = 100');
    await admin.end();
    await postgres.restart();
    await connect();
    const read = reader();
    await waitFor('an answer', read);
    for (let i = 0; i < 250; i++) await admin.query(`SELECT ${Array.from({length: i + 1}, () => 1).join(', ')}`);
    const {statements_info: info} = await read();
    expect(info[0]?.dealloc).toBeGreaterThan(0);
    expect(info[0]?.lastDeallocAt).toBeGreaterThan(0);
    expect(info[0]?.statements).toBeLessThanOrEqual(100);
    await admin.query('ALTER SYSTEM RESET pg_stat_statements.max');
    await admin.end();
    await postgres.restart();
    await connect();
  });
});

describe('every version of the extension that a server may have kept', () => {
  it.each(['1.8', '1.9', '1.10', '1.11', '1.12'])('%s is read, in any schema', async version => {
    const name = `ext_${version.replace('.', '_')}`;
    await admin.query(`CREATE DATABASE ${name}`);
    const own = await session(target(name), 'own');
    await own.query(`CREATE SCHEMA "odd "" schema"`);
    await own.query(`CREATE EXTENSION pg_stat_statements VERSION '${version}' SCHEMA "odd "" schema"`);
    const pool = monitorPool(target(name));
    const read = readerOf(statementsPoller, {trading: pool});
    await own.query(`CREATE TABLE in_${name} (n int)`);
    await times(10, `DO 'BEGIN PERFORM n FROM in_${name}; END'`, own);
    await read();
    await times(4, `SELECT n FROM in_${name}`, own);
    expect(about(await read(), `FROM in_${name}`)).toMatchObject({calls: 4, database: name});
    // Moved and updated between two readings.
    await own.query('ALTER EXTENSION pg_stat_statements SET SCHEMA public');
    expect((await read()).statements_info[0]?.intervalSeconds).toBeGreaterThan(0);
    await own.query('ALTER EXTENSION pg_stat_statements UPDATE');
    await read();
    await times(2, `SELECT n FROM in_${name}`, own);
    expect(about(await read(), `FROM in_${name}`)).toMatchObject({calls: 2});
    await Promise.all([pool.close(), own.end()]);
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  });

  it('says by which settings nothing is counted, never that no statement ran', async () => {
    const read = reader();
    await read();
    const set = async (change: string, counted: boolean): Promise<void> => {
      await admin.query(`ALTER SYSTEM ${change}`);
      await admin.query('SELECT pg_reload_conf()');
      await waitFor('the setting', async () => {
        await times(1, 'SELECT n FROM kept');
        const reading = await read().catch(() => undefined);
        return counted ? reading !== undefined && about(reading, 'kept') !== undefined : reading === undefined;
      });
    };
    await set('SET compute_query_id = off', false);
    for (const poll of [read, reader()]) {
      expect(await failureIn(poll())).toMatchObject({
        why: 'unsupported',
        message: 'no statement is counted: compute_query_id is off',
        next: "Run as a superuser: ALTER SYSTEM SET compute_query_id = 'auto'; SELECT pg_reload_conf();",
        retry: true,
      });
    }
    await set('RESET compute_query_id', true);
    await set("SET pg_stat_statements.track = 'none'", false);
    expect(await failureIn(read())).toMatchObject({
      message: 'no statement is counted: pg_stat_statements.track is none',
    });
    await set('RESET pg_stat_statements.track', true);
  });

  it('names the remedy when it is too old, missing, or denied', async () => {
    await admin.query('CREATE DATABASE bare');
    const own = await session(target('bare'), 'own');
    const pool = monitorPool(target('bare'));
    const read = readerOf(statementsPoller, {trading: pool});
    expect(await failureIn(read())).toMatchObject({
      why: 'unsupported',
      message: 'database bare has no extension pg_stat_statements',
      next: 'Run as a superuser in bare: CREATE EXTENSION pg_stat_statements;',
    });
    await own.query(`CREATE EXTENSION pg_stat_statements VERSION '1.7'`);
    expect(await failureIn(read())).toMatchObject({
      why: 'unsupported',
      next: 'Run as a superuser in bare: ALTER EXTENSION pg_stat_statements UPDATE;',
    });
    await own.query('ALTER EXTENSION pg_stat_statements UPDATE');
    await read();
    await own.query(
      `DROP EXTENSION pg_stat_statements; CREATE SCHEMA "Shut"; CREATE EXTENSION pg_stat_statements SCHEMA "Shut"`,
    );
    const restricted = monitorPool({...target('bare'), user: 'svc_analytics', password: secret('p')});
    const asService = readerOf(statementsPoller, {trading: restricted});
    expect(await failureIn(asService())).toMatchObject({
      why: 'denied',
      next: 'Run as a superuser in bare: GRANT USAGE ON SCHEMA "Shut" TO svc_analytics;',
    });
    await own.query('GRANT USAGE ON SCHEMA "Shut" TO svc_analytics');
    expect(await failureIn(asService())).toMatchObject({
      why: 'denied',
      next: 'Run as a superuser: GRANT pg_read_all_stats TO svc_analytics;',
    });
    await own.query('GRANT pg_read_all_stats TO svc_analytics');
    expect((await asService()).statements_info).toHaveLength(1);
    await Promise.all([pool.close(), restricted.close(), own.end()]);
  });

  it('names the remedy when the server has not loaded it, although it is created and has settings', async () => {
    const other = await ownPostgres({
      settings: {shared_preload_libraries: 'auto_explain', 'pg_stat_statements.max': '500'},
    });
    const own = await session(targetOf({...other, database: 'postgres'}), 'own');
    await own.query('CREATE EXTENSION pg_stat_statements');
    const pool = monitorPool(targetOf({...other, database: 'postgres'}));
    expect(await failureIn(reader(pool)())).toMatchObject({
      why: 'unsupported',
      next: `Set shared_preload_libraries = 'auto_explain, pg_stat_statements' in postgresql.conf and restart PostgreSQL.`,
    });
    await Promise.all([pool.close(), own.end()]);
    await other.stop();
  });
});
