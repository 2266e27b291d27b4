import {hostname, userInfo} from 'node:os';
import pg from 'pg';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {auditDataAccess} from '../../../src/io/audit.ts';
import {cloneDesk} from '../../helpers/desk/desk.ts';
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

test('a user who may not write the log gets an error', async () => {
  await admin.query('SET ROLE tradetop_monitor');
  await expect(auditDataAccess(admin, {userId: 'x', operation: 'select', table: 't'})).rejects.toMatchObject({
    code: '42501',
  });
  await admin.query('RESET ROLE');
});
