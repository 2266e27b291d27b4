import pg from 'pg';
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest';
import type {Gate} from '../../../src/actions/gate.ts';
import type {Target} from '../../../src/actions/target.ts';
import {sanitise} from '../../../src/core/sanitise.ts';
import {isoOf} from '../../../src/core/time.ts';
import {type Bench, makeBench, newServer, oldServer, within} from '../../helpers/desk/acting.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

type Backend = {readonly pid: number; readonly client: pg.Client; readonly target: Target};

describe.each([newServer, ...oldServer])('sessions on %s', (_name, start) => {
  let bench: Bench;
  let operator: string;
  let service: string;
  let gate: Gate;
  const open: pg.Client[] = [];

  beforeAll(async () => {
    bench = await makeBench(await start());
    operator = await bench.role(['tradetop_operator']);
    service = await bench.role(['svc_execution']);
    gate = bench.gate(operator);
    await bench.admin.query('CREATE TABLE public.pile (id int PRIMARY KEY, n int)');
    await bench.admin.query('INSERT INTO public.pile VALUES (1, 0), (2, 0)');
    await bench.admin.query(`GRANT ALL ON public.pile TO ${service}`);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map(client => client.end().catch(() => {})));
  });
  afterAll(() => bench.close());

  /** A session of a service, and its identity as a pane has it. */
  async function connect(name = 'report', more: object = {}): Promise<Backend> {
    const env = bench.env(service);
    const client = new pg.Client({
      host: env.POSTGRES_HOST,
      port: Number(env.POSTGRES_PORT),
      database: bench.database,
      user: service,
      password: env.TRADING_DB_PASSWORD,
      application_name: name,
      ...more,
    } as pg.ClientConfig);
    client.on('error', () => {});
    open.push(client);
    await client.connect();
    const pid = (client as unknown as {processID: number}).processID;
    return {pid, client, target: await targetOf(pid)};
  }

  async function targetOf(...pids: readonly number[]): Promise<Target> {
    const sql = 'SELECT pid, backend_start::text AS at FROM pg_stat_activity WHERE pid = ANY ($1) ORDER BY pid';
    const {rows} = await bench.admin.query(sql, [pids]);
    return {kind: 'sessions', sessions: rows.map(({pid, at}) => ({pid, backendStart: isoOf(at) ?? ''}))};
  }

  const isThere = async (pid: number): Promise<boolean> =>
    (await bench.admin.query('SELECT FROM pg_stat_activity WHERE pid = $1', [pid])).rows.length > 0;

  const doing = (pid: number, what: string): Promise<unknown> =>
    waitFor(`pid ${pid} ${what}`, async () => {
      const sql = 'SELECT state, wait_event_type AS type FROM pg_stat_activity WHERE pid = $1';
      const [row] = (await bench.admin.query(sql, [pid])).rows;
      return what === 'waits' ? row?.type === 'Lock' : row?.state === what;
    });

  /** A root that holds a row, and sessions that wait for it, one behind the other. */
  async function makePile(waiters: number): Promise<{root: Backend; ends: Promise<unknown>[]; pids: number[]}> {
    const root = await connect('root');
    await root.client.query('BEGIN; UPDATE public.pile SET n = n + 1 WHERE id = 1');
    const pile = {root, ends: [] as Promise<unknown>[], pids: [] as number[]};
    for (let i = 0; i < waiters; i++) {
      const {client, pid} = await connect('waiter');
      pile.pids.push(pid);
      pile.ends.push(client.query('UPDATE public.pile SET n = n + 1 WHERE id = 1').catch(error => error.code));
      await doing(pid, 'waits');
    }
    return pile;
  }

  const facts = (plan: Awaited<ReturnType<Gate['plan']>>) =>
    Object.fromEntries(plan.facts.map(f => [f.label, f.value]));

  it('ends the root of a pile, which frees all others, and records who it was', async () => {
    const {root, ends} = await makePile(3);
    const plan = await gate.plan('terminate', root.target);
    expect(plan).toMatchObject({refusal: undefined, targetName: `pid ${root.pid}`, danger: 'destroys'});
    expect(plan.typed).toBeUndefined();
    const said = facts(plan);
    expect(said[`pid ${root.pid}`]?.replaceAll(/ \d+s/g, '')).toBe(
      `${service}, root from 127.0.0.1 · idle in transaction · connected · transaction · ` +
        'holds RowExclusive on public.pile · blocks 3 · BEGIN; UPDATE public.pile SET n = n + 1 WHERE id = 1',
    );
    expect(said.frees).toBe('3 sessions of 3 that wait for a lock');
    expect(plan.sql.join()).toContain(`'{${root.pid}}'`);
    const outcome = await within(gate.run(plan), bench.admin);
    expect(outcome).toMatchObject({outcome: 'done', rows: 1, summary: `pid ${root.pid} ended; 3 sessions waited.`});
    expect(await isThere(root.pid)).toBe(false);
    expect((await Promise.all(ends)).filter(end => typeof end === 'string')).toEqual([]);
    const {rows} = await bench.admin.query(
      `SELECT operation, table_name, target, result, detail::jsonb -> 'changes' -> 0 AS change FROM shared.audit_log
        WHERE correlation_id = (SELECT correlation_id FROM shared.audit_log WHERE id = $1) ORDER BY id`,
      [outcome.auditId],
    );
    const record = {operation: 'terminate', table_name: 'pg_stat_activity', target: `pid ${root.pid}`};
    const before = {user: service, application: 'root', state: 'idle in transaction'};
    expect(rows).toMatchObject([
      {...record, result: 'started', change: {key: `pid ${root.pid}`, before, after: {end: 'planned'}}},
      {...record, result: 'done', change: {before, after: {end: 'done'}}},
    ]);
  });

  it('ends all of a pile at once', async () => {
    const {root, ends, pids} = await makePile(3);
    const all = [root.pid, ...pids];
    const outcome = await within(gate.run(await gate.plan('terminate', await targetOf(...all))), bench.admin);
    expect(outcome).toMatchObject({outcome: 'done', rows: 4});
    expect(await Promise.all(all.map(isThere))).toEqual([false, false, false, false]);
    expect(await Promise.all(ends)).toEqual(['57P01', '57P01', '57P01']);
  });

  it('cancels a statement and leaves its session, and refuses one that runs nothing', async () => {
    const {client, pid, target} = await connect();
    const slept = client.query('SELECT pg_sleep(60)').catch(error => error.code);
    await doing(pid, 'active');
    const outcome = await within(gate.run(await gate.plan('cancel', target)), bench.admin);
    expect(outcome).toMatchObject({outcome: 'done', summary: `pid ${pid} stopped.`});
    expect(await slept).toBe('57014');
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{one: 1}]);
    const again = await gate.plan('cancel', target);
    expect(again.refusal).toBe(`pid ${pid} runs nothing (idle): only its end frees what it holds.`);
  });

  it('leaves alone whoever has the process id by now', async () => {
    const {pid, target} = await connect();
    if (target.kind !== 'sessions') throw new Error('no sessions');
    const earlier = target.sessions.map(one => ({...one, backendStart: '2026-01-02T03:04:05.678901Z'}));
    const plan = await gate.plan('terminate', {kind: 'sessions', sessions: earlier});
    expect(plan.refusal).toBe(`pid ${pid} has ended: another session has its process id by now.`);
    // Taken over only after the plan: the server itself compares.
    const seen = await gate.plan('terminate', target);
    const [key, row] = [...(seen.basis ?? [])][0] ?? ['', {}];
    const stale = {
      ...seen,
      sql: seen.sql.map(s => sanitise(s.replace(/\{20[^}]+\}/, '{2026-01-02T03:04:05.678901Z}'))),
    };
    const basis = new Map([[key, {...row, backend_start: '2026-01-02 03:04:05.678901+00'}]]);
    const outcome = await within(gate.run({...stale, basis}), bench.admin);
    expect(outcome).toMatchObject({outcome: 'skipped', rows: 0});
    expect(outcome.summary).toContain('what has its process id now was left alone');
    expect(await isThere(pid)).toBe(true);
  });

  it('says what had ended or begun something else between plan and run', async () => {
    const gone = await connect();
    const plan = await gate.plan('terminate', gone.target);
    await gone.client.end();
    await waitFor('its end', async () => !(await isThere(gone.pid)));
    expect(await gate.run(plan)).toMatchObject({outcome: 'skipped', rows: 0});
    expect((await gate.plan('terminate', gone.target)).refusal).toBe(`pid ${gone.pid} has ended already.`);

    const busy = await connect();
    const first = busy.client.query('SELECT pg_sleep(60)').catch(() => {});
    await doing(busy.pid, 'active');
    const cancel = await gate.plan('cancel', busy.target);
    await bench.admin.query('SELECT pg_cancel_backend($1)', [busy.pid]);
    await first;
    const second = busy.client.query('SELECT pg_sleep(60), 2').catch(error => error.code);
    await doing(busy.pid, 'active');
    expect(await within(gate.run(cancel), bench.admin)).toMatchObject({outcome: 'skipped', rows: 0});
    await doing(busy.pid, 'active');
    await bench.admin.query('SELECT pg_terminate_backend($1)', [busy.pid]);
    expect(await second).toBe('57P01');
  });

  it('refuses what lacks the right, and names it; superusers’ sessions; read-only; itself; the server’s processes', async () => {
    const {pid, target} = await connect();
    const refusal = async (through: Gate, of: Target) => (await through.plan('terminate', of)).refusal;
    const monitor = await bench.role(['tradetop_monitor']);
    expect(await refusal(bench.gate(monitor), target)).toBe(
      `pid ${pid} is another role’s (${service}). Run GRANT pg_signal_backend TO ${monitor};`,
    );
    const blind = await bench.role([]);
    expect(await refusal(bench.gate(blind), target)).toBe(
      `pid ${pid} is hidden from this role. Run GRANT pg_read_all_stats TO ${blind};`,
    );
    const admin = (bench.admin as unknown as {processID: number}).processID;
    expect(await refusal(gate, await targetOf(admin))).toBe(
      `pid ${admin} is a superuser’s (postgres), which only a superuser may signal.`,
    );
    expect(await refusal(bench.gate(operator, {readOnly: () => true}), target)).toContain('Read-only');
    expect(await refusal(bench.gate(operator, {own: () => [pid]}), target)).toBe(
      `pid ${pid} is a connection of this program itself.`,
    );
    const [{checkpointer}] = (
      await bench.admin.query("SELECT pid AS checkpointer FROM pg_stat_activity WHERE backend_type = 'checkpointer'")
    ).rows;
    const both = await gate.plan('terminate', await targetOf(pid, checkpointer));
    expect(both.refusal).toBeUndefined();
    expect(facts(both)['left alone']).toBe(`pid ${checkpointer} is a process of the server itself (checkpointer)`);
    expect(await isThere(pid)).toBe(true);
  });

  it('takes a sender of WAL only by its name', async () => {
    await bench.admin.query(`ALTER ROLE ${service} REPLICATION`);
    const {pid, target} = await connect('standby', {replication: 'database'});
    const plan = await gate.plan('terminate', target);
    expect(plan).toMatchObject({typed: true, refusal: undefined});
    expect(facts(plan)[`pid ${pid}`]).toContain('it sends WAL: a standby or a reader of a slot falls behind');
    expect(await within(gate.run(plan), bench.admin)).toMatchObject({outcome: 'done'});
    expect(await isThere(pid)).toBe(false);
  });

  it('finds sessions by their process ids', async () => {
    const [one, two] = [await connect(), await connect()];
    expect(await gate.find(`${one.pid}, ${two.pid}`, 'terminate')).toEqual({
      kind: 'sessions',
      sessions: [one, two].flatMap(({target}) => (target.kind === 'sessions' ? target.sessions : [])),
    });
    for (const text of ['', 'abc', '-1', '0', '1;2', '99999999999', '1.5']) {
      await expect(gate.find(text, 'terminate'), text).rejects.toThrow('is not a process id');
    }
    await expect(gate.find('2147483647', 'cancel')).rejects.toThrow('There is no session with the process id');
  });
});
