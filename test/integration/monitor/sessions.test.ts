import {randomBytes} from 'node:crypto';
import type pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {Pg} from '../../../src/io/pg.ts';
import {runningPoller} from '../../../src/monitor/running.ts';
import {sessionsPoller} from '../../../src/monitor/sessions.ts';
import {targetOf} from '../../helpers/desk/desk.ts';
import {type Database, freshDatabase, runSql} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';
import {failureIn, monitorPool, readerOf, SETTINGS, session} from '../../helpers/state/polls.ts';

const tag = randomBytes(5).toString('hex');
const strategy = `svc_strategy_${tag}`;
const analytics = `svc_analytics_${tag}`;
const plain = `plain_${tag}`;
let db: Database;
let admin: pg.Client;
let trading: Pg;
let restricted: Pg;

beforeAll(async () => {
  db = await freshDatabase();
  admin = await session(targetOf(db), 'psql');
  for (const role of [strategy, analytics, plain]) await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'p'`);
  await admin.query('CREATE TABLE public.shared_row (id int PRIMARY KEY, n int)');
  await admin.query('INSERT INTO public.shared_row VALUES (1, 0)');
  await admin.query(`GRANT SELECT, UPDATE ON public.shared_row TO ${strategy}, ${analytics}`);
  trading = monitorPool(targetOf(db));
  restricted = monitorPool(targetOf(db, plain, 'p'));
});
afterAll(async () => {
  await Promise.all([trading?.close(), restricted?.close(), admin?.end()]);
  await db?.drop();
  await runSql({...db.config, database: 'postgres'}, `DROP ROLE ${strategy}, ${analytics}, ${plain}`);
});

const as = (role: string, name = 'worker 1') => session(targetOf(db, role, 'p'), name);
const pidOf = async (client: pg.Client): Promise<number> =>
  (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
const rowOf = async (service: string) =>
  (await readerOf(sessionsPoller, {trading})()).sessions.find(r => r.service === service.replace('svc_', ''));

describe('sessions', () => {
  it('are a row a service: by role, and by application where several programs share a role', async () => {
    const clients = [
      await as(strategy, 'worker 1'),
      await as(strategy, 'worker 2'),
      await as(strategy, 'worker 2'),
      await session(targetOf(db), 'import job'),
    ];
    const {sessions: rows} = await readerOf(sessionsPoller, {trading})();
    expect(rows.map(r => [r.service, r.database, r.sessions, r.idle, r.idleApplication, r.idleAlike])).toEqual([
      ['postgres/import job', db.name, 1, 1, 'import job', 1],
      ['postgres/psql', db.name, 1, 1, 'psql', 1],
      [`strategy_${tag}`, db.name, 3, 3, 'worker 2', 2],
    ]);
    await Promise.all(clients.map(client => client.end()));
  });

  it('include those of Prefect’s database, under its name, and no other', async () => {
    const [prefect, other] = [await freshDatabase(), await freshDatabase()];
    const clients = [await session(targetOf(prefect), 'Prefect'), await session(targetOf(other), 'other')];
    const read = readerOf(sessionsPoller, {trading}, {...SETTINGS, prefectDatabase: prefect.name});
    expect((await read()).sessions.map(r => [r.database, r.service])).toEqual(
      [
        [prefect.name, 'postgres/Prefect'],
        [db.name, 'postgres/psql'],
      ].sort(),
    );
    await Promise.all(clients.map(client => client.end()));
    await Promise.all([prefect.drop(), other.drop()]);
  });

  it('show who is blocked, by whom and for how long, and who is idle in a transaction', async () => {
    const [holder, waiter] = [await as(analytics), await as(strategy)];
    await holder.query('BEGIN');
    await holder.query('UPDATE public.shared_row SET n = 1');
    const waiting = waiter.query('UPDATE public.shared_row SET n = 2');
    const blocked = await waitFor('a blocked service', async () => {
      const row = await rowOf(strategy);
      return row && row.blockedSeconds > 0.2 && row;
    });
    expect(blocked).toMatchObject({
      waiting: 1,
      active: 1,
      blockedBy: await pidOf(holder),
      blockedByService: `analytics_${tag}`,
    });
    expect(blocked.blockedSeconds).toBeLessThan(30);
    const idle = await rowOf(analytics);
    expect(idle).toMatchObject({idleInTransaction: 1, idleInTransactionPid: await pidOf(holder), blockedSeconds: 0});
    const all = (await readerOf(runningPoller, {trading}, {...SETTINGS, slowMs: 100})()).running;
    const run = all.find(row => row.database === db.name);
    expect(run).toMatchObject({
      service: `strategy_${tag}`,
      application: '',
      database: db.name,
      state: 'active',
      wait: 'Lock:transactionid',
      blockedBy: [await pidOf(holder)],
      query: 'UPDATE public.shared_row SET n = 2',
    });
    await holder.query('COMMIT');
    await waiting;
    expect(await rowOf(strategy)).toMatchObject({waiting: 0, blockedSeconds: 0, blockedBy: undefined});
    await Promise.all([holder.end(), waiter.end()]);
  });

  it('are denied to a role that does not see what others do', async () => {
    const client = await as(strategy);
    for (const poller of [sessionsPoller, runningPoller]) {
      expect(await failureIn(readerOf<unknown>(poller, {trading: restricted})())).toMatchObject({
        why: 'denied',
        next: `Run as a superuser: GRANT pg_read_all_stats TO ${plain};`,
      });
    }
    await admin.query(`GRANT pg_read_all_stats TO ${plain}`);
    expect((await readerOf(sessionsPoller, {trading: restricted})()).sessions.length).toBeGreaterThan(1);
    await client.end();
  });
});

describe('running queries', () => {
  // Of our own database: other tests run on the same server.
  const seen = async (slowMs: number) =>
    (await readerOf(runningPoller, {trading}, {...SETTINGS, slowMs})()).running.filter(row => row.database === db.name);

  it('are listed from the threshold on, made safe to show, the longest first', async () => {
    const [first, second] = [await as(strategy), await as(analytics)];
    const long = first.query(`SELECT pg_sleep(60) /* \u001b[31mred\u202e */\n   , 1`).catch(() => {});
    await waitFor('the first', async () => (await seen(1)).length === 1);
    const short = second.query('SELECT pg_sleep(60)').catch(() => {});
    const rows = await waitFor('both', async () => {
      const all = await seen(1);
      return all.length === 2 && all;
    });
    expect(rows.map(r => r.query)).toEqual(['SELECT pg_sleep(60) /* ␛[31mred */ , 1', 'SELECT pg_sleep(60)']);
    expect(rows[0]?.wait).toBe('Timeout:PgSleep');
    expect(rows[0]?.seconds).toBeGreaterThan(rows[1]?.seconds ?? 0);
    expect(await seen(50_000)).toEqual([]);
    for (const {pid} of rows) await admin.query('SELECT pg_cancel_backend($1)', [pid]);
    await Promise.all([long, short]);
    await Promise.all([first.end(), second.end()]);
  });

  it('include neither idle transactions nor our own readings', async () => {
    const idle = await as(strategy);
    await idle.query('BEGIN');
    const other = monitorPool(targetOf(db), 'another console');
    const reading = other.query('monitor/server');
    expect(await seen(0)).toEqual([]);
    await reading;
    await Promise.all([idle.end(), other.close()]);
  });
});
