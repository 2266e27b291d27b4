import {type ChildProcess, spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {type Bench, makeBench, newServer} from '../../helpers/desk/acting.ts';
import {openTerminal} from '../../helpers/servers/pty.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));

describe('tradetop maintain', () => {
  let bench: Bench;
  let operator: string;
  let slow: string;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    bench = await makeBench(await newServer[1]());
    operator = await bench.role(['tradetop_operator']);
    slow = await bench.role(['tradetop_operator'], {vacuum_cost_delay: '100ms', vacuum_cost_limit: '1'});
    await bench.admin.query('CREATE TABLE logging.big (id int, filler text) WITH (autovacuum_enabled = false)');
    await bench.admin.query('GRANT MAINTAIN ON logging.big TO tradetop_operator');
    await bench.admin.query(`INSERT INTO logging.big SELECT g, repeat('x', 100) FROM generate_series(1, 20000) AS g`);
    await bench.admin.query('DELETE FROM logging.big WHERE id <= 5000');
    await bench.admin.query('CREATE TABLE shared.execution (id int)');
    // A session reports its counters at most once a second: wait until the dead rows are known.
    await bench.admin.query('SELECT pg_stat_force_next_flush()');
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await bench.close();
  });

  type Ended = {readonly code: number | null; readonly out: string; readonly err: string};
  type Started = {readonly child: ChildProcess; readonly err: () => string; readonly ended: Promise<Ended>};

  function start(args: readonly string[], user = operator): Started {
    const child = spawn(process.execPath, [CLI, 'maintain', ...args], {
      env: {PATH: process.env.PATH, ...bench.env(user)},
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    let [out, err] = ['', ''];
    child.stdout?.on('data', data => (out += data));
    child.stderr?.on('data', data => (err += data));
    return {
      child,
      err: () => err,
      ended: new Promise(resolve => child.once('close', code => resolve({code, out, err}))),
    };
  }
  const maintain = (...args: string[]): Promise<Ended> => start(args).ended;
  const trail = async (): Promise<readonly {result: string; table_name: string}[]> =>
    (await bench.admin.query('SELECT * FROM shared.audit_log ORDER BY id')).rows;
  const active = async (): Promise<number> =>
    (
      await bench.admin.query(
        `SELECT FROM pg_stat_progress_vacuum JOIN pg_stat_activity USING (pid) WHERE usename = $1`,
        [slow],
      )
    ).rows.length;

  it('ends a session by its process id, once', async () => {
    const idle = await bench.session();
    const pid = String((idle as unknown as {processID: number}).processID);
    const asked = await maintain('terminate');
    expect(asked).toMatchObject({code: 2, err: expect.stringContaining('terminate needs to be told what it works on')});
    const dry = await start(['terminate', pid, '--dry-run'], 'postgres').ended;
    expect(dry).toMatchObject({code: 0, out: expect.stringContaining('pg_terminate_backend(pid)')});
    const ended = await start(['terminate', pid, '--yes', '--json'], 'postgres').ended;
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.out)).toMatchObject({
      action: 'terminate',
      target: `pid ${pid}`,
      outcome: 'done',
      rows: 1,
      changes: [{key: `pid ${pid}`, before: {user: 'postgres', state: 'idle'}, after: {end: 'done'}}],
    });
    const again = await start(['terminate', pid, '--yes'], 'postgres').ended;
    expect(again).toMatchObject({code: 2, err: expect.stringContaining(`no session with the process id ${pid}`)});
  });

  it('prints one JSON document about what was done', async () => {
    const {code, out} = await maintain('vacuum-analyze', 'execution.trades', '--yes', '--json');
    const document = JSON.parse(out);
    expect(Object.keys(document)).toEqual(['action', 'target', 'outcome', 'sql', 'ms', 'rows', 'notices', 'audit_id']);
    expect(document).toMatchObject({
      action: 'vacuum-analyze',
      target: 'execution.trades',
      outcome: 'done',
      sql: ['VACUUM (ANALYZE, VERBOSE, TRUNCATE FALSE) "execution"."trades"'],
      rows: 0,
    });
    expect(code).toBe(0);
    const [begun] = (await trail()).filter((r: Record<string, unknown>) => r.id === document.audit_id);
    expect(begun).toMatchObject({result: 'started', table_name: 'execution.trades', application: 'tradetop maintain'});
  });

  it('shows in a dry run what it would do, and changes nothing', async () => {
    const before = (await trail()).length;
    const {code, out} = await maintain('vacuum-analyze', 'logging.big', '--dry-run', '--read-only');
    expect(out).toContain('VACUUM ANALYZE on logging.big');
    expect(out).toContain('dead rows        5,000 of 20,000 (25.0%)');
    expect(out).toContain('VACUUM (ANALYZE, VERBOSE, TRUNCATE FALSE) "logging"."big";');
    expect(code).toBe(0);
    expect(JSON.parse((await maintain('analyze', 'logging', '--dry-run', '--json')).out)).toMatchObject({
      outcome: 'dry_run',
      rows: null,
      audit_id: null,
    });
    expect((await trail()).length).toBe(before);
  });

  it.each([
    [[], 'No action was given.'],
    [['vacuum'], 'There is no action vacuum.'],
    [['analyze', 'loging'], 'There is no table, schema or database loging here.\n  Did you mean logging?'],
    [['analyze', 'execution.trade'], 'Did you mean execution.trades?'],
    [['analyze', 'execution'], 'execution can mean the schema execution or the table shared.execution.'],
    [['analyze', '"execution.trades'], '"execution.trades is not a name.'],
    [['analyze', 'execution.trades'], 'there is no terminal to ask on.\n  Add --yes'],
    [['analyze', 'execution.trades', '--yes', '--confirm', 'execution.orders'], 'but the target is execution.trades'],
    [['analyze', 'execution.trades', '--yes', '--environment', 'prod'], 'Read-only'],
    [
      ['analyze', 'execution.trades', '--yes', '--environment', 'prod', '--no-read-only'],
      `Add: --yes --confirm 'execution.trades'`,
    ],
    [['analyze', 'execution.trades', '--yes', '--host', '/nowhere'], 'does not answer'],
    [['detach-partitions', '--yes'], 'No retention is given. Add --days N'],
    [['detach-partitions', '--yes', '--days', '0'], '--days must be a whole number from 1 to 36500.'],
    [['archive-logs', '--yes', '--days', '0'], '--days must be a whole number from 1 to 36500.'],
    [['create-partitions', 'execution.trades', '--yes'], 'There is no partitioned table execution.trades.'],
  ])('refuses %j with exit code 2 and a next step', async (args, message) => {
    const before = (await trail()).length;
    const {code, out, err} = await maintain(...args);
    expect(err).toContain(message);
    expect({code, out}).toEqual({code: 2, out: ''});
    expect((await trail()).length).toBe(before);
  });

  it('finds names as SQL does, and a table by its bare name where it is the only one', async () => {
    await bench.admin.query('CREATE TABLE logging."Odd ""One""" (id int)');
    await bench.admin.query('GRANT MAINTAIN ON logging."Odd ""One""" TO tradetop_operator');
    for (const [name, target] of [
      ['TRADES', 'execution.trades'],
      ['logging."Odd ""One"""', 'logging."Odd ""One"""'],
      ['Execution.Orders', 'execution.orders'],
      [bench.database, bench.database],
    ]) {
      const {out} = await maintain('analyze', name as string, '--dry-run', '--json');
      expect(JSON.parse(out).target).toBe(target);
    }
  });

  it('runs in prod when the name is given in addition to --yes', async () => {
    const args = ['analyze', 'execution.trades', '--yes', '--confirm', 'execution.trades', '--environment', 'prod'];
    const {code, out} = await maintain(...args, '--no-read-only');
    expect(out).toContain('done: execution.trades: statistics updated.');
    expect(code).toBe(0);
    const {rows} = await bench.admin.query(
      `SELECT level, event_type, context ->> 'target' AS target FROM logging.system_logs WHERE service = 'maintain' ORDER BY id DESC LIMIT 1`,
    );
    expect(rows).toEqual([{level: 'INFO', event_type: 'analyze', target: 'execution.trades'}]);
  });

  it('asks on a terminal; in prod for the name', async () => {
    const open = (...args: string[]) =>
      openTerminal(process.execPath, [CLI, 'maintain', 'analyze', 'execution.trades', ...args], {
        env: bench.env(operator),
      });
    const yes = open();
    await yes.sees('run it? [y/N]');
    yes.type('y\r');
    await yes.sees('done: execution.trades: statistics updated.');
    expect(await yes.ended()).toMatchObject({exitCode: 0});
    const no = open();
    await no.sees('run it? [y/N]');
    no.type('\r');
    await no.sees('Not confirmed: nothing was changed.');
    expect(await no.ended()).toMatchObject({exitCode: 1});
    const prod = open('--environment', 'prod', '--no-read-only');
    await prod.sees('Type the target’s name to confirm (execution.trades):');
    prod.type('y\r');
    await prod.sees('Not confirmed');
    const typed = open('--environment', 'prod', '--no-read-only');
    await typed.sees('Type the target’s name');
    typed.type('execution.trades\r');
    await typed.sees('done: execution.trades');
    expect(await typed.ended()).toMatchObject({exitCode: 0});
  });

  it('ends skipped with exit code 1 at a lock timeout', async () => {
    const other = await bench.session();
    await other.query('BEGIN');
    await other.query('LOCK TABLE logging.big IN SHARE MODE');
    const {code, out, err} = await maintain('analyze', 'logging.big', '--yes', '--json', '--lock-ms', '700');
    await other.query('ROLLBACK');
    expect(JSON.parse(out)).toMatchObject({outcome: 'skipped', rows: null});
    expect(err).toContain('held by pid');
    expect(code).toBe(1);
  });

  it('cancels on the server at Ctrl-C, waits for the end and reports it', async () => {
    const {child, ended} = start(['vacuum-analyze', 'logging.big', '--yes', '--json'], slow);
    await waitFor('VACUUM to run', async () => (await active()) === 1);
    child.kill('SIGINT');
    const {code, out, err} = await ended;
    expect(err).toContain('Cancelling on the server');
    expect(JSON.parse(out)).toMatchObject({outcome: 'cancelled'});
    expect(code).toBe(1);
    expect(await active()).toBe(0);
    expect((await trail()).at(-1)).toMatchObject({result: 'cancelled', table_name: 'logging.big'});
  });

  it('leaves the audit record of its start after kill -9, and its lock while the server still works', async () => {
    const {child, ended} = start(['vacuum-analyze', 'logging.big', '--yes'], slow);
    await waitFor('VACUUM to run', async () => (await active()) === 1);
    child.kill('SIGKILL');
    await ended;
    expect((await trail()).at(-1)).toMatchObject({result: 'started', table_name: 'logging.big', db_user: slow});
    const {code, err} = await maintain('vacuum-analyze', 'logging.big', '--yes');
    expect(err).toContain('The same action is already running on this target: started by ');
    expect(code).toBe(2);
    expect(await active()).toBe(1);
    await bench.admin.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1 AND application_name = $2',
      [slow, 'tradetop maintain'],
    );
    await waitFor('the server to have ended it', async () => (await active()) === 0);
    const {out} = await maintain('vacuum-analyze', 'logging.big', '--dry-run');
    expect(out).toMatch(/last run +\S.* ago by .+: its end was not recorded {2}\(!\)/);
  });

  it('continues when the terminal hangs up, and records its end', async () => {
    await bench.admin.query(`ALTER ROLE ${slow} SET vacuum_cost_delay = '2ms'`);
    const terminal = openTerminal(process.execPath, [CLI, 'maintain', 'vacuum-analyze', 'logging.big', '--yes'], {
      env: bench.env(slow),
    });
    await waitFor('VACUUM to run', async () => (await active()) === 1);
    terminal.hangUp();
    const last = await waitFor(
      'the end in the audit log',
      async () => {
        const row = (await trail()).at(-1);
        return row?.result !== 'started' && row;
      },
      30_000,
    );
    expect(last).toMatchObject({result: 'done', rows: '5000', table_name: 'logging.big', db_user: slow});
  });
});
