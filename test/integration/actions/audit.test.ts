import {hostname, userInfo} from 'node:os';
import pg from 'pg';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {lastRunFact} from '../../../src/actions/audit.ts';
import {sanitise} from '../../../src/core/sanitise.ts';
import {auditDataAccess, withAuditedTransaction} from '../../../src/io/audit.ts';
import {openPg} from '../../../src/io/pg.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {withTransaction} from '../../../src/io/transaction.ts';
import {cloneDesk, loginAs, targetOf} from '../../helpers/desk/desk.ts';
import type {Database} from '../../helpers/servers/servers.ts';

let database: Database;
let admin: pg.Client;
let service: pg.Client;

beforeAll(async () => {
  database = await cloneDesk();
  [admin, service] = [new pg.Client(database.config), new pg.Client({...database.config, application_name: 'risk 1'})];
  for (const client of [admin, service]) {
    client.on('error', () => {});
    await client.connect();
  }
  await service.query('SET ROLE svc_risk_management');
});
afterAll(async () => {
  await Promise.all([admin?.end(), service?.end()]);
  await database?.drop();
});

const record = async (id: string): Promise<Record<string, unknown>> =>
  (await admin.query('SELECT * FROM shared.audit_log WHERE id = $1', [id])).rows[0];

test('an access is recorded with everything that is known about it', async () => {
  const id = await auditDataAccess(service, {
    userId: 'maria',
    operation: 'select',
    table: 'execution.trades',
    target: 'account A-17, 2026-11-20',
    statement: 'SELECT … WHERE account_id = $1',
    rows: 412,
    ms: 12.345,
    detail: {reason: 'inquiry “4711”', price: '1.10'},
    correlationId: 'c-9',
    client: 'desk-4.example',
  });
  const {timestamp, backend_pid: pid, ...rest} = await record(id);
  expect(rest).toEqual({
    id,
    user_id: 'maria',
    operation: 'select',
    table_name: 'execution.trades',
    target: 'account A-17, 2026-11-20',
    statement: 'SELECT … WHERE account_id = $1',
    rows: '412',
    duration_ms: '12.345',
    result: 'done',
    detail: {reason: 'inquiry “4711”', price: '1.10'},
    correlation_id: 'c-9',
    db_user: 'postgres',
    os_user: userInfo().username,
    client: 'desk-4.example',
    application: 'risk 1',
    client_addr: '127.0.0.1',
  });
  expect(timestamp).toBeInstanceOf(Date);
  expect(pid).toBe((service as unknown as {processID: number}).processID);
});

test('what is unknown is null, except for the client', async () => {
  const id = await auditDataAccess(service, {userId: 'svc', operation: 'export', table: 'execution.orders'});
  expect(await record(id)).toMatchObject({target: null, statement: null, rows: null, detail: null, client: hostname()});
});

test('a record is committed or rolled back with the access', async () => {
  await service.query('BEGIN');
  const id = await auditDataAccess(service, {userId: 'x', operation: 'update', table: 'risk_management.risk_limits'});
  await service.query('ROLLBACK');
  expect(await record(id)).toBeUndefined();
});

test('a record on a pool stays when the transaction around it is rolled back', async () => {
  const pool = new pg.Pool({...database.config, max: 2});
  pool.on('error', () => {});
  let id = '';
  const failed = withTransaction(pool, {}, async () => {
    id = await auditDataAccess(pool, {userId: 'x', operation: 'update', table: 'risk_management.risk_limits'});
    throw new Error('no');
  });
  await expect(failed).rejects.toThrow('no');
  expect(await record(id)).toMatchObject({user_id: 'x', operation: 'update', result: 'done'});
  await pool.end();
});

test('an audited transaction is recorded before and after, also one that is rolled back', async () => {
  const pool = new pg.Pool({...database.config, max: 1});
  pool.on('error', () => {});
  const access = {userId: 'ann', operation: 'update', table: 'shared.system_config', target: 'audited'};
  const act = (key: string, fail: boolean) =>
    withAuditedTransaction(pool, {...access, correlationId: key}, {}, async ({query}) => {
      await query('INSERT INTO shared.system_config (key, value) VALUES ($1, $2)', [key, '1']);
      if (fail) throw new Error('changed my mind');
      return 'written';
    });
  const trail = async (key: string) =>
    (await admin.query('SELECT result, detail FROM shared.audit_log WHERE correlation_id = $1 ORDER BY id', [key]))
      .rows;
  expect(await act('audited.kept', false)).toBe('written');
  await expect(act('audited.undone', true)).rejects.toThrow('changed my mind');
  expect((await trail('audited.kept')).map(r => r.result)).toEqual(['started', 'done']);
  expect(await trail('audited.undone')).toEqual([
    {result: 'started', detail: null},
    {result: 'failed', detail: {started: expect.any(String), reason: 'changed my mind'}},
  ]);
  const {rows} = await admin.query("SELECT key FROM shared.system_config WHERE key LIKE 'audited.%'");
  expect(rows).toEqual([{key: 'audited.kept'}]);
  await pool.end();
});

test('an act that cannot be recorded is not done', async () => {
  const pool = new pg.Pool({...database.config, max: 1, options: '-c role=tradetop_monitor'});
  pool.on('error', () => {});
  let ran = false;
  const access = {userId: 'x', operation: 'update', table: 't'};
  const work = withAuditedTransaction(pool, access, {}, async () => {
    ran = true;
  });
  await expect(work).rejects.toMatchObject({code: '42501'});
  expect(ran).toBe(false);
  await pool.end();
});

test('a service’s own INSERT works, and the server’s clock and database user win over what it says', async () => {
  const execution = await loginAs('svc_execution', database);
  const {rows: before} = await admin.query('SELECT clock_timestamp() AS at');
  await execution.query('BEGIN');
  await execution.query(
    `INSERT INTO audit_log (user_id, table_name, operation, timestamp)
     VALUES ('tradetop_operator', 'trades', 'select', NOW()), ('ann', 'trades', 'select', '1999-01-01'),
            ('ann', 'trades', 'select', NULL), ('ann', 'trades', 'select', 'infinity')`,
  );
  await execution.query('COMMIT');
  await execution.end();
  const {rows} = await admin.query(
    `SELECT user_id, db_user, timestamp BETWEEN $1 AND clock_timestamp() AS now, client_addr, backend_pid
     FROM shared.audit_log WHERE table_name = 'trades' ORDER BY id`,
    [before[0].at],
  );
  const true_ = {db_user: 'svc_execution', now: true, client_addr: '127.0.0.1', backend_pid: expect.any(Number)};
  expect(rows).toEqual(['tradetop_operator', 'ann', 'ann', 'ann'].map(user_id => ({user_id, ...true_})));
});

test('a superuser who restores single rows cannot back-date them by accident either', async () => {
  await admin.query(`INSERT INTO shared.audit_log (user_id, operation, timestamp, db_user, backend_pid)
    VALUES ('boss', 'forge', '2001-01-01', 'nobody', 1)`);
  const {rows} = await admin.query(`SELECT db_user, timestamp > now() - interval '1 minute' AS now
    FROM shared.audit_log WHERE operation = 'forge'`);
  expect(rows).toEqual([{db_user: 'postgres', now: true}]);
});

test('a record under another’s name is told by its database user where the audit log is shown', async () => {
  const io = openPg(targetOf(database), loadSql(), {name: 'test', max: 1});
  const forged = await loginAs('svc_execution', database);
  const insert = `INSERT INTO audit_log (user_id, operation, table_name, target, result, correlation_id)
    VALUES ('alice', 'analyze', 'execution.orders', 'execution.orders', $1, 'f-1')`;
  await forged.query(insert, ['started']);
  const where = {
    actionId: 'analyze',
    table: sanitise('execution.orders'),
    targetName: sanitise('execution.orders'),
  };
  const shown = async () => (await lastRunFact(io, where))?.value;
  expect(await shown()).toMatch(/by alice \(svc_execution\): its end was not recorded/);
  await forged.query(insert, ['done']);
  expect(await shown()).toMatch(/by alice \(svc_execution\): done/);
  // An end that another database user writes for a run of the operator does not count.
  await admin.query(`INSERT INTO shared.audit_log (user_id, operation, table_name, target, result, correlation_id)
    VALUES ('bob', 'analyze', 'execution.orders', 'execution.orders', 'started', 'f-3')`);
  await forged.query(insert.replace('f-1', 'f-3'), ['done']);
  expect(await shown()).toMatch(/by bob \(postgres\): its end was not recorded/);
  await Promise.all([io.close(), forged.end()]);
});

test('a user who may not write the log gets an error', async () => {
  await admin.query('SET ROLE tradetop_monitor');
  await expect(auditDataAccess(admin, {userId: 'x', operation: 'select', table: 't'})).rejects.toMatchObject({
    code: '42501',
  });
  await admin.query('RESET ROLE');
});
