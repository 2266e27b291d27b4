import type pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {PostgresServer} from '../../../src/demo/postgres.ts';
import type {Pg} from '../../../src/io/pg.ts';
import {backendsPoller} from '../../../src/monitor/backends.ts';
import {runningPoller} from '../../../src/monitor/running.ts';
import {sessionsPoller} from '../../../src/monitor/sessions.ts';
import {targetOf} from '../../helpers/desk/desk.ts';
import {ownPostgres, runSql} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';
import {failureIn, monitorPool, readerOf, SETTINGS, session} from '../../helpers/state/polls.ts';

let server: PostgresServer;
let admin: pg.Client;
let trading: Pg;

beforeAll(async () => {
  server = await ownPostgres({settings: {max_prepared_transactions: '5'}});
  const at = {...server, database: 'postgres'};
  admin = await session(targetOf(at), 'psql');
  await admin.query(`CREATE TABLE public.rows (id int PRIMARY KEY, n int)`);
  await admin.query('INSERT INTO public.rows SELECT i, 0 FROM generate_series(1, 3) AS i');
  trading = monitorPool(targetOf(at));
});
afterAll(async () => {
  await Promise.all([trading?.close(), admin?.end()]);
  await server?.stop();
});

const as = (name: string) => session(targetOf({...server, database: 'postgres'}), name);
const read = async () => (await readerOf(backendsPoller, {trading})()).backends;
const pidOf = async (client: pg.Client): Promise<number> =>
  (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
const ended = (work: Promise<unknown>) => work.catch(() => {});

describe('sessions and locks', () => {
  it('are a tree from the one that holds up all, with what it ran last', async () => {
    const [root, ...others] = [await as('root'), await as('first'), await as('second'), await as('third')];
    await root.query('BEGIN');
    await root.query('UPDATE public.rows SET n = 1 WHERE id = 1');
    const works = [];
    for (const [i, other] of others.entries()) {
      works.push(ended(other.query('UPDATE public.rows SET n = 2 WHERE id = 1')));
      await waitFor('it to wait', async () => (await read()).filter(row => row.waits).length === i + 1);
    }
    const rows = await waitFor('a wait of some age', async () => {
      const all = await read();
      return all.every(row => !row.waits || (row.waitSeconds ?? 0) > 0) && all;
    });
    expect(rows[0]).toMatchObject({
      pid: await pidOf(root),
      service: 'postgres/root',
      state: 'idle in tx',
      blocks: 3,
      depth: 0,
      client: '127.0.0.1',
      query: 'UPDATE public.rows SET n = 1 WHERE id = 1',
    });
    // The first waits for the row's transaction, the others for the first: it has the row's tuple lock.
    expect(rows.slice(0, 4).map(({application, depth, wait}) => [application, depth, wait])).toEqual([
      ['root', 0, 'Client:ClientRead'],
      ['first', 1, 'Lock:transactionid'],
      ['second', 2, 'Lock:tuple'],
      ['third', 2, 'Lock:tuple'],
    ]);
    await root.query('COMMIT');
    await Promise.all(works);
    const after = await read();
    expect(after.filter(row => row.blocks > 0 || row.waits)).toEqual([]);
    // The server's own processes come last, and have no ages.
    const own = after.filter(({kind}) => kind === 'checkpointer' || kind === 'walwriter');
    expect(own).toHaveLength(2);
    expect(after.slice(-own.length).every(({kind}) => kind !== 'client backend')).toBe(true);
    await Promise.all([root, ...others].map(client => client.end()));
  });

  it('have prepared transactions as roots', async () => {
    const [preparing, waiting] = [await as('preparing'), await as('waiting')];
    await preparing.query('BEGIN; UPDATE public.rows SET n = 1 WHERE id = 2');
    await preparing.query(`PREPARE TRANSACTION 'transfer\u001b[31m-17'`);
    const work = ended(waiting.query('UPDATE public.rows SET n = 2 WHERE id = 2'));
    const rows = await waitFor('a root', async () => {
      const all = await read();
      return (all[0]?.blocks ?? 0) > 0 && all;
    });
    expect(rows[0]).toMatchObject({
      gid: 'transfer␛[31m-17',
      kind: 'prepared transaction',
      blocks: 1,
      database: 'postgres',
    });
    expect(rows[1]).toMatchObject({application: 'waiting', blockedBy: [], blockedByPrepared: [rows[0]?.pid]});
    await admin.query(`ROLLBACK PREPARED 'transfer\u001b[31m-17'`);
    await work;
    await Promise.all([preparing.end(), waiting.end()]);
  });

  it('read what a database in another encoding runs', async () => {
    await admin.query(
      `CREATE DATABASE legacy ENCODING 'LATIN1' TEMPLATE template0 LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'`,
    );
    const legacy = await session(targetOf({...server, database: 'legacy'}), 'legacy');
    const work = ended(legacy.query(`SELECT pg_sleep(60) AS "é${'x'.repeat(40)}"`));
    const row = await waitFor('the query', async () =>
      (await read()).find(({application, state}) => application === 'legacy' && state === 'active'),
    );
    expect(row.query).toBe(`SELECT pg_sleep(60) AS "�${'x'.repeat(40)}"`);
    const {running} = await readerOf(runningPoller, {trading}, {...SETTINGS, slowMs: 0})();
    expect(running.map(({query}) => query)).toContain(row.query);
    await admin.query('SELECT pg_terminate_backend($1)', [row.pid]);
    await work;
  });

  it('say which session has no activity tracked', async () => {
    const blind = await as('blind');
    await blind.query('SET track_activities = off');
    const {backends_info: info} = await readerOf(backendsPoller, {trading})();
    expect(info[0]).toMatchObject({untracked: 1});
    const {running_info: runs} = await readerOf(runningPoller, {trading})();
    expect(runs).toEqual([{untracked: 1}]);
    const {sessions} = await readerOf(sessionsPoller, {trading})();
    expect(sessions.find(({service}) => service === 'postgres/blind')).toMatchObject({
      untracked: 1,
      active: 0,
      idle: 0,
    });
    await blind.end();
  });

  it('are denied to a role that does not see what others do', async () => {
    const at = {...server, database: 'postgres'};
    await runSql({...at, ssl: false}, `CREATE ROLE plain LOGIN PASSWORD 'p'`);
    const restricted = monitorPool(targetOf(at, 'plain', 'p'));
    expect(await failureIn(readerOf(backendsPoller, {trading: restricted})())).toMatchObject({
      why: 'denied',
      next: 'Run as a superuser: GRANT pg_read_all_stats TO plain;',
    });
    await restricted.close();
  });
});
