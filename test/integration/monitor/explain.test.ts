import type pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {parseMicros} from '../../../src/core/time.ts';
import {explainStatement} from '../../../src/explain/explain.ts';
import type {Pg} from '../../../src/io/pg.ts';
import type {Explained} from '../../../src/model/explained.ts';
import {cloneDesk, loginAs, targetOf} from '../../helpers/desk/desk.ts';
import type {Database} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';
import {monitorPool, session} from '../../helpers/state/polls.ts';

let desk: Database;
let admin: pg.Client;
let asker: pg.Client;
let monitor: Pg;

beforeAll(async () => {
  desk = await cloneDesk();
  admin = await session(targetOf(desk), 'psql');
  for (const statement of [
    'CREATE EXTENSION IF NOT EXISTS pg_stat_statements',
    'CREATE TABLE public.large (id int PRIMARY KEY, n int, word text)',
    `INSERT INTO public.large SELECT i, i % 5000, 'w' FROM generate_series(1, 30000) AS i`,
    'ANALYZE public.large',
    'GRANT SELECT ON public.large TO tradetop_monitor',
  ])
    await admin.query(statement);
  await (await loginAs('tradetop_monitor', desk)).end();
  monitor = monitorPool(targetOf(desk, 'tradetop_monitor', 'a password for the tests'), 'tradetop explain');
  asker = await session(targetOf(desk), 'asker');
});
afterAll(async () => {
  await Promise.all([monitor?.close(), admin?.end(), asker?.end()]);
  await desk?.drop();
});

/** The plan of what this session ran last. */
async function planOf(client: pg.Client, pool = monitor): Promise<Explained> {
  const pid = (client as unknown as {processID: number}).processID;
  const {rows} = await admin.query('SELECT backend_start::text AS start FROM pg_stat_activity WHERE pid = $1', [pid]);
  return explainStatement(pool, {kind: 'session', pid, backendStart: parseMicros(rows[0].start) ?? 0});
}

describe('the plan of a statement', () => {
  it('is that of what a session ran, names what is read whole, and nothing is executed', async () => {
    await asker.query('SELECT word -- a comment\n FROM large WHERE n = 7').catch(() => {});
    const plan = await planOf(asker);
    expect(plan).toMatchObject({phase: 'planned', query: 'SELECT word -- a comment FROM large WHERE n = 7'});
    if (plan.phase !== 'planned') return;
    expect(plan.lines[0]).toMatch(/Seq Scan on public\.large/);
    expect(plan.facts).toEqual([
      expect.stringMatching(
        /^public\.large is read whole, about 30,000 rows, for about \d+: \(large\.n = 7\); no index/,
      ),
    ]);
    await asker.query('SELECT word FROM large WHERE id = 7');
    expect(await planOf(asker)).toMatchObject({phase: 'planned', facts: []});
  });

  it('is the generic one of an entry of pg_stat_statements, on every version', async () => {
    await asker.query(`SELECT word FROM large WHERE n = 3 AND now() > now() - interval '1 day'`);
    const {rows} = await waitFor('the entry', async () => {
      const found = await admin.query(
        `SELECT userid, dbid, queryid::text FROM pg_stat_statements WHERE query LIKE 'SELECT word FROM large WHERE n = $1 AND now() %'
           AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      return found.rows.length > 0 && found;
    });
    const {userid, dbid, queryid} = rows[0];
    const plan = await explainStatement(monitor, {kind: 'statement', userid, dbid, queryid});
    expect(plan).toMatchObject({phase: 'planned', lines: expect.arrayContaining([expect.stringMatching(/\$1/)])});
    expect(await explainStatement(monitor, {kind: 'statement', userid, dbid, queryid: '1'})).toMatchObject({
      phase: 'refused',
      why: 'pg_stat_statements no longer has this statement',
    });
  });

  it.each([
    ['several statements', 'SELECT 1; DROP TABLE large', /^it is not one statement that can be planned/],
    ['a statement without a plan', 'VACUUM large', /^it is not one statement that can be planned/],
    ['what our role may not read', 'SELECT * FROM large_secret', /^our role may not plan it/],
  ])('is refused for %s', async (_, text, why) => {
    await admin.query('CREATE TABLE IF NOT EXISTS public.large_secret (id int)');
    await asker.query(text.replace('DROP TABLE large', 'SELECT 2'));
    // Several statements in one text reach the server by the simple protocol only.
    expect(await planOf(asker)).toMatchObject({phase: 'refused', why: expect.stringMatching(why)});
  });

  it('never writes, whatever the planner evaluates, and leaves nothing prepared behind', async () => {
    for (const statement of [
      'CREATE TABLE public.trace (at timestamptz)',
      'GRANT INSERT ON public.trace TO tradetop_monitor',
      `CREATE FUNCTION public.writes() RETURNS int LANGUAGE plpgsql AS
       'BEGIN INSERT INTO public.trace VALUES (now()); RETURN 7; END'`,
      `CREATE FUNCTION public.spy() RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN public.writes(); END'`,
    ])
      await admin.query(statement);
    await asker.query('SELECT word FROM large WHERE id = spy()').catch(() => {});
    const plan = await planOf(asker);
    expect(plan).toMatchObject({phase: 'refused', why: expect.stringMatching(/read-only transaction/)});
    await asker.query('SELECT word FROM large WHERE n = 1');
    expect(await planOf(asker)).toMatchObject({phase: 'planned'});
    const left = await monitor.pool.query('SELECT count(*)::int AS n FROM pg_prepared_statements');
    expect(left.rows[0].n).toBe(0);
  });

  it('is not made by a superuser, nor of another database, nor of a session that is gone', async () => {
    const superuser = monitorPool(targetOf(desk), 'tradetop explain');
    await asker.query('SELECT 1');
    expect(await planOf(asker, superuser)).toMatchObject({
      phase: 'refused',
      why: expect.stringMatching(/^as a superuser/),
    });
    await superuser.close();
    const elsewhere = await session({...targetOf(desk), database: 'postgres'}, 'elsewhere');
    await elsewhere.query('SELECT 1');
    expect(await planOf(elsewhere)).toMatchObject({
      phase: 'refused',
      why: expect.stringMatching(/^it runs in database postgres/),
    });
    await elsewhere.end();
    expect(await explainStatement(monitor, {kind: 'session', pid: 1, backendStart: 1})).toMatchObject({
      phase: 'refused',
      why: 'the session is gone',
    });
  });
});
