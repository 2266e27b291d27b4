import pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {createPartitionsAction} from '../../../src/actions/create-partitions.ts';
import {lockName} from '../../../src/actions/target.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {setUp} from '../../../src/setup/setup.ts';
import {type Bench, makeBench, newServer, oldServer} from '../../helpers/desk/acting.ts';
import {targetOf} from '../../helpers/desk/desk.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

// What PostgreSQL lets every login do, whatever its rights on tables: each is refused, or does no harm, for the reason that
// its test says.
describe.each([newServer, ...oldServer])('tradetop_monitor on %s', (_name, start) => {
  let bench: Bench;
  let monitor: pg.Client;
  let name: string;
  beforeAll(async () => {
    bench = await makeBench(await start());
    name = await bench.role(['tradetop_monitor']);
    monitor = await connect(name);
  });
  afterAll(async () => {
    await monitor?.end();
    await bench?.close();
  });
  const connect = async (user: string): Promise<pg.Client> => {
    const env = bench.env(user);
    const client = new pg.Client({
      host: env.POSTGRES_HOST as string,
      port: Number(env.POSTGRES_PORT),
      database: bench.database,
      user,
      password: env.TRADING_DB_PASSWORD as string,
      ssl: false,
    });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const outcome = (text: string, client = monitor): Promise<string> =>
    client.query(text).then(
      () => 'may',
      (error: {code?: string}) => String(error.code),
    );

  it.each([
    'SELECT lo_create(0)',
    'SELECT lo_creat(-1)',
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT pg_logical_emit_message(false, 'x', 'y')",
    "SELECT pg_logical_emit_message(true, 'x', 'y'::bytea)",
  ])(
    'is refused %s, with its transactions’ default switched off too: the right was taken from PUBLIC',
    async statement => {
      await monitor.query('SET default_transaction_read_only = off');
      expect(await outcome(statement)).toBe('42501');
      await monitor.query('RESET default_transaction_read_only');
    },
  );

  it('leaves services their large objects', async () => {
    const service = await bench.session();
    await service.query('SET SESSION AUTHORIZATION svc_execution');
    expect(await outcome('BEGIN; SELECT lo_unlink(lo_create(0)); ROLLBACK', service)).toBe('may');
  });

  it('reads and writes no large object of others, which belongs to who made it', async () => {
    const {rows} = await bench.admin.query("SELECT lo_from_bytea(0, 'secret') AS id");
    await monitor.query('SET default_transaction_read_only = off');
    for (const use of ['lo_get($)', "lo_put($, 0, 'x')", 'lo_unlink($)', 'lo_open($, 131072)']) {
      expect([use, await outcome(`SELECT ${use.replace('$', rows[0].id)}`)]).toEqual([use, '42501']);
    }
    await monitor.query('RESET default_transaction_read_only');
    await bench.admin.query('SELECT lo_unlink($1)', [rows[0].id]);
  });

  it('is refused temporary tables, so that it puts nothing in the way of a name either', async () => {
    await monitor.query('SET default_transaction_read_only = off');
    expect(await outcome('CREATE TEMP TABLE trades (id int)')).toBe('42501');
    await monitor.query('RESET default_transaction_read_only');
  });

  it('may NOTIFY, which reaches nobody: nothing of tradetop listens, and what nobody listens to is not kept', async () => {
    expect(await outcome("NOTIFY trades, 'forged'")).toBe('may');
    const {rows} = await bench.admin.query('SELECT pg_notification_queue_usage() AS used');
    expect(rows[0].used).toBe(0);
    const sql = loadSql();
    expect(sql.names().filter(statement => /\bLISTEN\b/.test(sql.statement(statement, 18)))).toEqual([]);
  });

  it('may hold the lock of an action, which the next run names with the session, and the operator ends it', async () => {
    const operator = await bench.role(['tradetop_operator']);
    const gate = bench.gate(operator);
    const target = {kind: 'table', schema: 'data_ingestion', name: 'market_data'} as const;
    const names = lockName('create-partitions', target, bench.database);
    await monitor.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [names]);
    const plan = await gate.plan(createPartitionsAction.id, target);
    const {rows} = await monitor.query('SELECT pg_backend_pid() AS pid');
    expect(plan.refusal).toMatch(
      new RegExp(`already running on this target: started by ${name}.* as pid ${rows[0].pid}`),
    );
    const other = await connect(operator);
    await other.query('SELECT pg_terminate_backend($1)', [rows[0].pid]);
    await other.end();
    await waitFor(
      'the lock to be free',
      async () => (await gate.plan(createPartitionsAction.id, target)).refusal === undefined,
    );
    monitor = await connect(name);
  });

  it('may hold the lock of a table’s partitions, for which a service waits two seconds and no longer', async () => {
    await monitor.query(
      `SELECT pg_advisory_lock(hashtextextended('tradetop partitions of ' || 'data_ingestion.market_data'::regclass::oid, 0))`,
    );
    expect(await outcome("SELECT shared.create_monthly_partition('market_data', '2031-03-01')", bench.admin)).toBe(
      '55P03',
    );
    await monitor.query('SELECT pg_advisory_unlock_all()');
    expect(await outcome("SELECT shared.create_monthly_partition('market_data', '2031-03-01')", bench.admin)).toBe(
      'may',
    );
  });

  it('may reset its own settings, which guard nothing: it has no right to write, and the next set-up gives them back', async () => {
    await bench.admin.query("ALTER ROLE tradetop_monitor PASSWORD 'its own'");
    const env = bench.env(name);
    const login = {
      host: env.POSTGRES_HOST as string,
      port: Number(env.POSTGRES_PORT),
      database: bench.database,
      ssl: false,
    };
    const itself = async () => {
      const client = new pg.Client({...login, user: 'tradetop_monitor', password: 'its own'});
      client.on('error', () => {});
      await client.connect();
      return client;
    };
    const first = await itself();
    await first.query('SET default_transaction_read_only = off');
    for (const change of ['RESET default_transaction_read_only', "SET search_path = 'public'", 'RESET ALL']) {
      expect([change, await outcome(`ALTER ROLE tradetop_monitor ${change}`, first)]).toEqual([change, 'may']);
    }
    // Not those of others, and no attribute.
    for (const change of [
      'ALTER ROLE svc_execution RESET ALL',
      "ALTER ROLE tradetop_operator SET search_path = 'public'",
      `ALTER DATABASE ${bench.database} SET search_path = 'public'`,
      'ALTER ROLE tradetop_monitor CREATEROLE',
      'ALTER ROLE tradetop_monitor BYPASSRLS',
    ]) {
      expect([change, await outcome(change, first)]).toEqual([change, '42501']);
    }
    await first.end();
    const second = await itself();
    const shown = async (client: pg.Client) =>
      (await client.query('SHOW default_transaction_read_only')).rows[0].default_transaction_read_only;
    expect(await shown(second)).toBe('off');
    for (const write of [
      'INSERT INTO execution.trades DEFAULT VALUES',
      "UPDATE execution.orders SET status = 'cancelled'",
      'DELETE FROM analytics.sync_ledger',
      'TRUNCATE logging.system_logs',
      'CREATE TABLE public.mine (id int)',
      "SELECT setval('execution.trades_id_seq', 1)",
      'SELECT * FROM shared.detach_old_partitions(1)',
    ]) {
      expect([write, await outcome(write, second)]).toEqual([write, '42501']);
    }
    await second.end();
    await setUp({
      trading: targetOf({...login, user: 'postgres', password: bench.env('postgres').TRADING_DB_PASSWORD as string}),
      prefect: {database: 'prefect', owner: 'prefect'},
      sql: loadSql(),
      only: ['databases', 'roles', 'tables', 'indexes'],
      operatorMayVacuum: true,
    });
    const third = await itself();
    expect(await shown(third)).toBe('on');
    await third.end();
  });
});
