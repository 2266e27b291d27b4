import type pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {profileWaits} from '../../../src/explain/wait-profile.ts';
import type {Pg} from '../../../src/io/pg.ts';
import type {WaitProfile} from '../../../src/model/wait-profile.ts';
import {cloneDesk, loginAs, targetOf} from '../../helpers/desk/desk.ts';
import type {Database} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';
import {monitorPool, session} from '../../helpers/state/polls.ts';

let desk: Database;
let admin: pg.Client;
let monitor: Pg;
const opened: pg.Client[] = [];

beforeAll(async () => {
  desk = await cloneDesk();
  admin = await session(targetOf(desk), 'admin');
  await admin.query('CREATE TABLE public.profiled (n int); INSERT INTO public.profiled VALUES (1)');
  await (await loginAs('tradetop_monitor', desk)).end();
  monitor = monitorPool(targetOf(desk, 'tradetop_monitor', 'a password for the tests'), 'tradetop profile');
});
afterAll(async () => {
  await admin?.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'profiled'`);
  await Promise.all([monitor?.close(), ...opened.map(each => each.end().catch(() => {}))]);
  await admin?.end();
  await desk?.drop();
});

/** A session, with its identity. It is ended from outside. */
async function open(): Promise<{readonly client: pg.Client; readonly id: {pid: number; backendStart: string}}> {
  const client = await session(targetOf(desk), 'profiled');
  client.on('error', () => {});
  opened.push(client);
  const {rows} = await client.query(
    `SELECT pid, to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "backendStart"
       FROM pg_stat_activity WHERE pid = pg_backend_pid()`,
  );
  return {client, id: rows[0]};
}

/** Runs a statement that does not end by itself, and waits until the server has begun it. */
async function run({client, id}: Awaited<ReturnType<typeof open>>, statement: string): Promise<void> {
  client.query(statement).catch(() => {});
  await waitFor('the statement to run', async () => {
    const text = 'SELECT state FROM pg_stat_activity WHERE pid = $1 AND query = $2';
    return (await admin.query(text, [id.pid, statement])).rows[0]?.state === 'active';
  });
}

/** The profile of a few samples, or what ended it. */
async function profileOf(id: {pid: number; backendStart: string}, io = monitor): Promise<WaitProfile | undefined> {
  let last: WaitProfile | undefined;
  for await (last of profileWaits(io, id, new AbortController().signal)) if (last.samples === 3) break;
  return last;
}
const waitsOf = async (id: {pid: number; backendStart: string}) =>
  (await profileOf(id))?.waits.map(({wait, samples}) => `${samples} ${wait}`);

describe('the wait profile of a session', () => {
  it('counts what it waits for, and its time on CPU, idle or idle in transaction', async () => {
    const [sleeper, holder, waiter, busy] = await Promise.all([open(), open(), open(), open()]);
    expect(await waitsOf(holder.id)).toEqual(['3 idle']);
    await holder.client.query('BEGIN; UPDATE public.profiled SET n = 2');
    await run(sleeper, 'SELECT pg_sleep(600)');
    await run(waiter, 'UPDATE public.profiled SET n = 3');
    await run(busy, 'DO $$ BEGIN LOOP END LOOP; END $$');
    expect(await waitsOf(sleeper.id)).toEqual(['3 Timeout:PgSleep']);
    expect(await waitsOf(holder.id)).toEqual(['3 idle in transaction']);
    await waitFor('the lock wait', async () => (await waitsOf(waiter.id))?.[0] === '3 Lock:transactionid');
    expect(await waitsOf(busy.id)).toEqual(['3 on CPU']);
  });

  it('ends where the session is gone, also where another has its process id, and where it is hidden', async () => {
    const {client, id} = await open();
    const other = {...id, backendStart: '2020-01-01T00:00:00.000000Z'};
    expect(await profileOf(other)).toMatchObject({phase: 'over', why: 'the session is gone', samples: 0});
    const nobody = monitorPool(targetOf(desk, 'svc_logging', 'a password for the tests'), 'tradetop profile');
    await (await loginAs('svc_logging', desk)).end();
    expect(await profileOf(id, nobody)).toMatchObject({
      phase: 'over',
      why: expect.stringMatching(/^denied: /),
      waits: [],
    });
    await nobody.close();
    await client.end();
    await waitFor('its end', async () => (await profileOf(id))?.why === 'the session is gone');
  });

  it('stops when nobody wants it any more', async () => {
    const {id} = await open();
    const over = new AbortController();
    let samples = 0;
    for await (const profile of profileWaits(monitor, id, over.signal)) {
      samples = profile.samples;
      if (samples === 2) over.abort();
    }
    expect(samples).toBe(2);
  });
});
