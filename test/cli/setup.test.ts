import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import pg from 'pg';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {PostgresServer} from '../../src/demo/postgres.ts';
import {openTerminal} from '../helpers/servers/pty.ts';
import {ownPostgres, runSql} from '../helpers/servers/servers.ts';

const program = fileURLToPath(new URL('../../dist/tradetop.js', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'tradetop-home-'));
let server: PostgresServer;
beforeAll(async () => {
  server = await ownPostgres();
});
afterAll(async () => {
  await server?.stop();
  rmSync(home, {recursive: true});
});

const env = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  PATH: process.env.PATH as string,
  HOME: home,
  TZ: 'America/New_York',
  POSTGRES_HOST: server.host,
  POSTGRES_PORT: `${server.port}`,
  TRADING_DB_PASSWORD: server.password,
  ...more,
});
type Ran = {readonly code: number; readonly out: string; readonly err: string};
const tradetop = (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  new Promise(resolve => {
    execFile(process.execPath, [program, ...args], {env: env(more), maxBuffer: 1 << 24}, (error, out, err) =>
      resolve({code: error ? Number(error.code) : 0, out, err}),
    );
  });
const superuser = (database: string): pg.ClientConfig => ({
  host: server.host,
  port: server.port,
  user: 'postgres',
  password: server.password,
  database,
  ssl: false,
});

describe('tradetop setup', () => {
  test('shows what it would do, does it, and finds it done; it never shows a password', {
    timeout: 120_000,
  }, async () => {
    const secrets = {TRADETOP_MONITOR_PASSWORD: 'mon-secret-1', PREFECT_DB_PASSWORD: 'pre-secret-2'};
    const dry = await tradetop(['setup', '--dry-run'], secrets);
    expect([dry.code, dry.err]).toEqual([0, '']);
    expect(dry.out).toMatch(/dry run: nothing is done[\s\S]*database +2 +would be created\n +prefect, trading_system/);
    expect((await tradetop(['verify', '--only', 'setup'])).code).toBe(2);

    const first = await tradetop(['setup'], secrets);
    expect([first.code, first.err]).toEqual([0, '']);
    expect(first.out).toMatch(/table +\d+ +created\n/);
    expect(first.out).toMatch(/password +2 +set\n +tradetop_monitor, prefect/);
    expect(first.out).toContain('svc_execution (SVC_EXECUTION_PASSWORD)');
    expect(first.out).toMatch(/Verification: \d+ passed, 0 warned, 0 failed\n$/);
    expect(first.out).toContain(
      `  prefect config set PREFECT_API_DATABASE_CONNECTION_URL=postgresql+asyncpg://prefect@127.0.0.1:${server.port}/prefect\n  prefect server database upgrade -y\n`,
    );

    const again = await tradetop(['setup'], secrets);
    expect(again.code).toBe(0);
    expect(again.out).not.toMatch(/created|changed| set\n/);
    for (const {out} of [dry, first, again]) expect(out).not.toMatch(/(mon|pre)-secret|SCRAM/);
    for (const {out} of [dry, first, again]) expect(out).not.toContain(server.password);
    for (const line of first.out.split('\n'))
      if (!line.includes('prefect config')) expect(line.length).toBeLessThan(121);
  });

  test('runs single parts, and refuses unknown ones', async () => {
    const part = await tradetop(['setup', '--only', 'indexes']);
    expect([part.code, part.out]).toEqual([
      0,
      expect.stringMatching(/03_create_indexes[\s\S]*To verify the whole set-up/),
    ]);
    const wrong = await tradetop(['setup', '--only', 'indexes,views']);
    expect([wrong.code, wrong.err]).toEqual([
      2,
      'tradetop: --only does not know "views".\n  It takes: databases, tables, indexes, roles, prefect\n',
    ]);
  });

  test('changes nothing in read-only, as in prod', async () => {
    const prod = await tradetop(['setup'], {TRADETOP_ENVIRONMENT: 'prod'});
    expect([prod.code, prod.out]).toEqual([2, '']);
    expect(prod.err).toMatch(/read-only[\s\S]*--no-read-only/);
    expect((await tradetop(['setup', '--dry-run'], {TRADETOP_ENVIRONMENT: 'prod'})).code).toBe(0);
    expect((await tradetop(['setup', '--no-read-only'], {TRADETOP_ENVIRONMENT: 'prod'})).code).toBe(0);
  });

  test('reports in two lines what is wrong with the connection or the rights', async () => {
    for (const [more, words] of [
      [{TRADING_DB_PASSWORD: 'wrong'}, /refuses user postgres[\s\S]*TRADING_DB_PASSWORD/],
      [{POSTGRES_PORT: '1'}, /does not answer[\s\S]*Is the server running/],
      [
        {TRADING_DB_USER: 'tradetop_monitor', TRADING_DB_PASSWORD: 'mon-secret-1'},
        /may not create roles[\s\S]*CREATEROLE/,
      ],
    ] as const) {
      const {code, out, err} = await tradetop(['setup'], more);
      expect([code, err.split('\n').length]).toEqual([2, 3]);
      expect(err).toMatch(words);
      expect(out + err).not.toMatch(/wrong'|secret|\n {4}at /);
    }
  });

  test('reads names and passwords from --env-file', async () => {
    const file = join(home, 'desk.env');
    writeFileSync(
      file,
      'TRADING_DB_NAME=desk_b\nPREFECT_DB_NAME=flows_b\nPREFECT_DB_USER=flow_owner\nTRADING_APP_PASSWORD=app-secret\n',
    );
    const {code, out} = await tradetop(['setup', '--env-file', file]);
    expect([code, out]).toEqual([0, expect.stringMatching(/\/desk_b as postgres/)]);
    expect(out).toContain('postgresql+asyncpg://flow_owner@');
    const app = new pg.Client({...superuser('desk_b'), user: 'trading_app', password: 'app-secret'});
    await app.connect();
    expect((await app.query('SELECT count(*)::int AS n FROM trades')).rows).toEqual([{n: 0}]);
    await app.end();
  });

  test('does not touch a Prefect database on another server', async () => {
    const more = {PREFECT_API_DATABASE_CONNECTION_URL: 'postgresql+asyncpg://p:pw@db.example.org:5432/prefect'};
    const {code, out} = await tradetop(['setup', '--dry-run'], more);
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/another server \(db\.example\.org:5432\/prefect\): it is not touched/),
    ]);
    expect(out).not.toMatch(/prefect config set|pw@/);
  });

  test('configures Prefect by its own program, where somebody says yes, and never fails for it', async () => {
    const bin = join(home, 'bin');
    const log = join(home, 'prefect.log');
    mkdirSync(bin);
    const behave = (last: string) => {
      writeFileSync(log, '');
      const said = '"$*|$PGPASSWORD|$PREFECT_API_DATABASE_CONNECTION_URL|$TRADING_DB_PASSWORD"';
      writeFileSync(join(bin, 'prefect'), `#!/bin/sh\necho ${said} >> '${log}'\n${last}\n`, {mode: 0o755});
    };
    const more = {PATH: `${bin}:${process.env.PATH}`, PREFECT_DB_PASSWORD: 'pre-secret-2'};
    const ran = [
      `config set PREFECT_API_DATABASE_CONNECTION_URL=postgresql+asyncpg://prefect@127.0.0.1:${server.port}/prefect|pre-secret-2||`,
      'server database upgrade -y|pre-secret-2||',
      '',
    ].join('\n');
    behave('exit 0');
    const unasked = await tradetop(['setup', '--only', 'prefect'], more);
    expect([unasked.code, unasked.out]).toEqual([0, expect.stringContaining('To have them run, add --yes.')]);
    expect(readFileSync(log, 'utf8')).toBe('');
    const done = await tradetop(['setup', '--only', 'prefect', '--yes'], more);
    expect([done.code, done.out]).toEqual([0, expect.stringContaining('Prefect uses its database.')]);
    expect(done.out).toContain(`or from ~/.pgpass: 127.0.0.1:${server.port}:prefect:prefect:PASSWORD`);
    expect(readFileSync(log, 'utf8')).toBe(ran);

    behave('echo "cannot connect by pre-secret-2" >&2; exit 3');
    const terminal = openTerminal(process.execPath, [program, 'setup', '--only', 'prefect'], {
      env: env(more),
      rows: 40,
    });
    await terminal.sees(/Run both by .*\? \[y\/N\]/);
    terminal.type('y\r');
    expect(await terminal.ended()).toMatchObject({exitCode: 0});
    expect(terminal.raw()).toContain(
      'warning: Prefect could not be set up by itself: prefect config set: cannot connect by …',
    );
    expect(readFileSync(log, 'utf8')).toBe(`${ran.split('\n')[0]}\n`);
  });

  test('asks for passwords on a terminal, without showing them', {timeout: 120_000}, async () => {
    const terminal = openTerminal(process.execPath, [program, 'setup', '--only', 'roles', '--ask-passwords'], {
      env: env(),
    });
    await terminal.sees(/Password of svc_data_ingestion \(Enter: none\)/);
    terminal.type('typed wronx\u007fg-secret\r');
    await terminal.sees(/Password of svc_strategy_engine/);
    terminal.type('\u0003');
    expect(await terminal.ended()).toMatchObject({exitCode: 2});
    expect(terminal.raw()).toMatch(/Cancelled/);

    const all = openTerminal(process.execPath, [program, 'setup', '--only', 'roles', '--ask-passwords'], {
      env: env({SVC_EXECUTION_PASSWORD: 'given'}),
      rows: 60,
    });
    await all.sees(/Password of svc_data_ingestion/);
    all.type('typx\u007fed-secret\r');
    for (const role of [
      'svc_strategy_engine',
      'svc_risk_management',
      'svc_analytics',
      'svc_notification',
      'svc_logging',
    ]) {
      await all.sees(`Password of ${role}`);
      all.type('\r');
    }
    for (const role of ['trading_app', 'tradetop_sync', 'tradetop_monitor', 'tradetop_operator', 'prefect']) {
      await all.sees(`Password of ${role}`);
      all.type('\r');
    }
    expect(await all.ended(60_000)).toMatchObject({exitCode: 0});
    expect(all.raw()).not.toContain('Password of svc_execution');
    expect(all.raw()).not.toContain('typed');
    await runSql({...superuser('trading_system'), user: 'svc_data_ingestion', password: 'typed-secret'}, 'SELECT 1');
  });
});

describe('tradetop verify', () => {
  test('passes on what setup created, as lines and as one JSON document', async () => {
    const {code, out} = await tradetop(['verify', '--only', 'setup,data']);
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(
        /● pass Every table is there[\s\S]*\n\d+ passed, 0 warned, 0 failed\nOf the data: the last 48 h\. --full checks everything\.\n$/,
      ),
    ]);
    const json = await tradetop(['verify', '--only', 'setup', '--json']);
    const document = JSON.parse(json.out);
    expect(document).toMatchObject({
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      window_hours: 48,
      summary: {warn: 0, fail: 0, skip: 0},
    });
    expect(Object.keys(document.checks[0])).toEqual(['id', 'title', 'group', 'status', 'ms', 'rows', 'remedy']);
    expect(new Set(document.checks.map((c: {group: string}) => c.group))).toEqual(new Set(['setup']));
  });

  test('exits with 1 when a check fails, and shows the row and the remedy', async () => {
    await runSql(superuser('trading_system'), 'DROP INDEX execution.idx_trades_strategy');
    const {code, out} = await tradetop(['verify', '--only', 'setup', '--ascii']);
    expect(code).toBe(1);
    expect(out).toMatch(
      /x fail Every index is there and valid .*\n {4}execution\.idx_trades_strategy is missing\n {4}-> Run: tradetop setup/,
    );
    const json = JSON.parse((await tradetop(['verify', '--json'])).out);
    expect(json.checks.find((c: {id: string}) => c.id === 'setup_indexes')).toMatchObject({
      status: 'fail',
      rows: [{object: 'execution.idx_trades_strategy', problem: 'is missing'}],
    });
    expect((await tradetop(['setup', '--only', 'indexes'])).code).toBe(0);
    expect((await tradetop(['verify', '--only', 'setup'])).code).toBe(0);
  });

  test('counts warnings as failures only with --strict', async () => {
    // The tests' server runs without fsync, which is a warning.
    const warned = await tradetop(['verify', '--only', 'health']);
    expect([warned.code, warned.out]).toEqual([
      0,
      expect.stringMatching(/▲ warn Committed transactions survive a crash/),
    ]);
    expect((await tradetop(['verify', '--only', 'health', '--strict'])).code).toBe(1);
  });

  test('--full looks at everything, and says which check is running', async () => {
    const old = `INSERT INTO execution.trades (trade_id, account_id, symbol, quantity, price, executed_at, created_at)
      VALUES ('old', 'A', 'X', 1, 1, '2025-01-01Z', '2025-01-01Z')`;
    await runSql(superuser('trading_system'), old);
    try {
      const warned = async (...more: readonly string[]) => {
        const {code, out, err} = await tradetop(['verify', '--only', 'data', ...more]);
        return [code, /warn Every trade names its order/.test(out), out.trimEnd().split('\n').at(-1), err];
      };
      expect(await warned()).toEqual([0, false, 'Of the data: the last 48 h. --full checks everything.', '']);
      expect(await warned('--full')).toEqual([
        0,
        true,
        'Everything was looked at.',
        expect.stringMatching(/^check 1 of (\d+): [\s\S]*\ncheck \1 of \1: .*\n$/),
      ]);
      const {out} = await tradetop(['verify', '--only', 'data', '--full', '--json']);
      expect(JSON.parse(out)).toMatchObject({window_hours: null, summary: {warn: 1}});
    } finally {
      await runSql(superuser('trading_system'), `DELETE FROM execution.trades WHERE trade_id = 'old'`);
    }
  });

  test('Ctrl-C ends the check that is running, and skips the rest', async () => {
    const lock = new pg.Client(superuser('trading_system'));
    await lock.connect();
    await lock.query('BEGIN; LOCK TABLE execution.trades IN ACCESS EXCLUSIVE MODE');
    const args = [program, 'verify', '--only', 'data', '--full'];
    const child = spawn(process.execPath, args, {env: env(), stdio: ['ignore', 'pipe', 'pipe']});
    let out = '';
    child.stdout.setEncoding('utf8').on('data', text => {
      out += text;
    });
    child.stderr.once('data', () => child.kill('SIGINT'));
    const [code] = await once(child, 'close');
    await lock.end();
    expect([code, out]).toEqual([
      130,
      expect.stringMatching(/^(?:○ skip .*\n {4}it was cancelled\n {4}→ .*\n)+0 passed/),
    ]);
  });

  test('exits with 2 when no check could run', async () => {
    const wrong: readonly Readonly<Record<string, string>>[] = [
      {POSTGRES_PORT: '1'},
      {TRADING_DB_PASSWORD: 'wrong'},
      {TRADING_DB_NAME: 'nowhere'},
    ];
    for (const more of wrong) {
      const {code, out, err} = await tradetop(['verify'], more);
      expect([code, out]).toEqual([2, '']);
      expect(err).toMatch(/^tradetop: .*\n {2}.+\n$/);
    }
    expect((await tradetop(['verify', '--only', 'all'])).code).toBe(2);
    expect((await tradetop(['verify', 'everything'])).code).toBe(2);
  });
});
