import {type ChildProcess, spawn} from 'node:child_process';
import {existsSync, readdirSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {Redis} from 'ioredis';
import pg from 'pg';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {readEnvFile} from '../../src/config/settings.ts';
import {findProc, isRunning, type Proc, procsIn} from '../../src/demo/process.ts';
import {demoDirs, scratch} from '../helpers/desk/demo-probe.ts';
import {openTerminal, type Terminal} from '../helpers/servers/pty.ts';
import {waitFor} from '../helpers/servers/wait.ts';

const program = fileURLToPath(new URL('../../dist/tradetop.js', import.meta.url));
const LIMIT_MS = 60_000;
vi.setConfig({testTimeout: 3 * LIMIT_MS});

/** What a shell may hold and no child of ours has any business with. */
const OTHERS = {
  AWS_SECRET_ACCESS_KEY: 'not yours',
  TRADETOP_SECRET_KEY: 'not yours',
  SVC_EXECUTION_PASSWORD: 'not yours',
  PGPASSWORD: 'not yours',
  PGOPTIONS: '-c search_path=not_yours',
  http_proxy: 'http://user:not yours@192.0.2.1',
};

/** Starts a demo without a console, its private directory below one of the test's own. */
type Headless = {
  readonly child: ChildProcess;
  readonly base: string;
  readonly said: () => string;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
};

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function headless(base = ownBase(), args: readonly string[] = []): Headless {
  const child = spawn(process.execPath, [program, 'demo', '--headless', ...args], {
    env: {...process.env, TMPDIR: base, TRADING_DB_USER: 'nobody_there', POSTGRES_HOST: '192.0.2.1', ...OTHERS},
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (said += text));
  const ended = new Promise<number | string | null>(resolve =>
    child.on('close', (code, signal) => resolve(signal ?? code)),
  );
  return {child, base, said: () => said, ended};
}

function ownBase(): string {
  const {dir, remove} = scratch();
  cleanups.push(remove);
  return dir;
}

/** Waits for the demo to be ready. Gives its directory, its variables and its processes, the keeper included. */
async function ready({base, said, child}: Headless) {
  await waitFor(`the demo to be ready; it said ${said()}`, () => /ready:/.test(said()), LIMIT_MS);
  const dir = demoDirs(base)[0] as string;
  const keeper = JSON.parse(readFileSync(join(dir, 'owner.json'), 'utf8')) as Proc;
  expect(await isRunning(keeper)).toBe(true);
  const env = readEnvFile(join(dir, 'demo.env')) as Record<string, string>;
  return {dir, env, keeper, everyone: [keeper, ...(await procsIn(dir))], console: await findProc(child.pid as number)};
}

/** Waits until neither a process nor the directory of a demo is left. */
async function nothingLeft(base: string, everyone: readonly Proc[]): Promise<void> {
  await waitFor(
    'the end of the demo’s processes and directory',
    async () => {
      const alive = await Promise.all(everyone.map(isRunning));
      return !alive.some(Boolean) && demoDirs(base).length === 0;
    },
    LIMIT_MS,
  );
}

describe('a demo without a console', () => {
  test('is a desk that other programs reach by a file that only its owner can read', async () => {
    const demo = headless();
    const {dir, env, everyone} = await ready(demo);
    expect(demo.said()).toContain(`export TRADETOP_DEMO_ENV=${join(dir, 'demo.env')}\n`);
    expect((statSync(join(dir, 'demo.env')).mode & 0o777).toString(8)).toBe('600');
    const client = new pg.Client({
      host: env.POSTGRES_HOST as string,
      port: Number(env.POSTGRES_PORT),
      database: env.TRADING_DB_NAME as string,
      user: env.TRADING_DB_USER as string,
      password: env.TRADING_DB_PASSWORD as string,
      ssl: false,
    });
    await client.connect();
    const {rows} = await client.query("SELECT current_user AS me, to_regclass('execution.trades')::text AS trades");
    expect(rows).toEqual([{me: 'tradetop_operator', trades: 'execution.trades'}]);
    await client.end();
    const redis = new Redis(env.REDIS_URL as string);
    expect(await redis.ping()).toBe('PONG');
    redis.disconnect();
    for (const secret of [env.TRADING_DB_PASSWORD, env.TRADETOP_MONITOR_PASSWORD])
      expect(demo.said()).not.toContain(secret);
    for (const {pid} of everyone) {
      const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      for (const [name, value] of Object.entries(env)) if (/PASSWORD/.test(name)) expect(args).not.toContain(value);
    }
    // Each process has only what it needs: nothing of the shell, and of the demo's passwords only a service its own.
    const held = everyone.map(({pid}) => readFileSync(`/proc/${pid}/environ`, 'latin1'));
    expect(held.length).toBeGreaterThanOrEqual(5);
    // The servers themselves write their title over theirs.
    expect(held.filter(variables => /(^|\0)PATH=/.test(variables)).length).toBeGreaterThanOrEqual(3);
    for (const variables of held) expect(variables).not.toMatch(/not[ _]yours|192\.0\.2\.1|nobody_there/);
    expect(held.filter(variables => /(^|\0)TRADING_DB_PASSWORD=./.test(variables)).length).toBeLessThanOrEqual(2);
    demo.child.stdin?.end();
    expect(await demo.ended).toBe(0);
    await nothingLeft(demo.base, everyone);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
    ['SIGKILL', 'SIGKILL'],
  ] as const)('leaves nothing after %s', async (signal, code) => {
    const demo = headless();
    const {everyone} = await ready(demo);
    demo.child.kill(signal);
    expect(await demo.ended).toBe(code);
    await nothingLeft(demo.base, everyone);
  });

  test.each(['SIGINT', 'SIGKILL'] as const)('leaves nothing behind when %s ends it while it starts', async signal => {
    const demo = headless();
    const dir = await waitFor('its directory', () => demoDirs(demo.base)[0], LIMIT_MS);
    const everyone = await waitFor(
      'a first server',
      async () => {
        const procs = await procsIn(dir);
        return procs.length > 0 && procs;
      },
      LIMIT_MS,
    );
    demo.child.kill(signal);
    await demo.ended;
    await nothingLeft(demo.base, everyone);
  });

  test('leaves nothing behind when its keeper is killed, and reports what happened', async () => {
    const demo = headless();
    const {everyone, keeper} = await ready(demo);
    process.kill(keeper.pid, 'SIGKILL');
    expect(await demo.ended).toBe(2);
    expect(demo.said()).toContain('The demo is over: the demo’s keeper ended with SIGKILL.');
    await nothingLeft(demo.base, everyone);
  });

  test('that was killed together with its keeper is cleaned up by the next one', async () => {
    const first = headless();
    const {everyone, keeper, dir} = await ready(first);
    process.kill(first.child.pid as number, 'SIGSTOP');
    process.kill(keeper.pid, 'SIGKILL');
    first.child.kill('SIGKILL');
    await first.ended;
    expect(demoDirs(first.base)).toEqual([dir]);
    const second = headless(first.base);
    const next = await ready(second);
    expect(demoDirs(first.base)).toEqual([next.dir]);
    second.child.kill('SIGTERM');
    await nothingLeft(first.base, [...everyone, ...next.everyone]);
  });
});

test('a demo without a terminal prints its desk once', async () => {
  const base = ownBase();
  const child = spawn(process.execPath, [program, 'demo', '--rate=20'], {
    env: {...process.env, TMPDIR: base, HOME: base},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, log] = ['', ''];
  child.stdout.on('data', text => (out += text));
  child.stderr.on('data', text => (log += text));
  const code = await new Promise(resolve => child.on('close', resolve));
  expect(log).toMatch(/databases, tables, roles/);
  expect(log).not.toMatch(/ended with/);
  expect(out).toMatch(/T(rades|RADES)/);
  expect(out).not.toContain('no trade yet');
  expect(out).toMatch(/ACC-0\d/);
  expect(out).not.toContain('\x1b');
  expect(code).toBe(0);
  expect(readdirSync(base, {recursive: true}).filter(name => !/^\.cache($|\/tradetop)/.test(String(name)))).toEqual([]);
});

describe('a demo in a terminal', () => {
  const onScreen = () => {
    const base = ownBase();
    const terminal = openTerminal(process.execPath, [program, 'demo'], {
      env: {TMPDIR: base, HOME: base, XDG_STATE_HOME: ''},
    });
    cleanups.push(() => terminal.kill('SIGKILL'));
    return {base, terminal};
  };
  const whole = async () => {
    const {base, terminal} = onScreen();
    await terminal.sees('Connection health', LIMIT_MS);
    const dir = demoDirs(base)[0] as string;
    const keeper = JSON.parse(readFileSync(join(dir, 'owner.json'), 'utf8')) as Proc;
    return {base, terminal, everyone: [keeper, ...(await procsIn(dir))]};
  };

  test('reports each step with its time, shows the desk, and ends by q', async () => {
    const {base, terminal, everyone} = await whole();
    await terminal.sees(/ACC-0\d/, LIMIT_MS);
    expect(terminal.screen()).toContain('DEMO');
    terminal.type('q');
    expect(await terminal.ended(LIMIT_MS)).toEqual({exitCode: 0, signal: 0});
    expect(terminal.restored()).toBe(true);
    expect(terminal.raw()).toMatch(/ s {2}PostgreSQL \([\d.]+ m?s\).*databases, tables, roles \([\d.]+ m?s\)/s);
    await nothingLeft(base, everyone);
    expect(readdirSync(base, {recursive: true}).filter(name => !/^\.cache($|\/tradetop)/.test(String(name)))).toEqual(
      [],
    );
  });

  test.each([
    ['Ctrl-C', (t: Terminal) => t.type('\x03')],
    ['a hang-up', (t: Terminal) => t.hangUp()],
    ['kill -9', (t: Terminal) => t.kill('SIGKILL')],
  ] as const)('leaves nothing after %s', async (_name, end) => {
    const {base, terminal, everyone} = await whole();
    end(terminal);
    await nothingLeft(base, everyone);
  });

  test('leaves nothing behind after Ctrl-C while it starts', async () => {
    const {base, terminal} = onScreen();
    const dir = await waitFor('its directory', () => demoDirs(base)[0], LIMIT_MS);
    terminal.type('\x03');
    expect(await terminal.ended(LIMIT_MS)).toEqual({exitCode: 130, signal: 0});
    await nothingLeft(base, await procsIn(dir));
  });
});

test('a demo that starts on a terminal that takes nothing leaves nothing after SIGHUP', async () => {
  const base = ownBase();
  const terminal = openTerminal(process.execPath, [program, 'demo'], {
    env: {TMPDIR: base, HOME: base, XDG_STATE_HOME: ''},
  });
  cleanups.push(() => terminal.kill('SIGKILL'));
  const dir = await waitFor('its directory', () => demoDirs(base)[0], LIMIT_MS);
  await terminal.stall();
  // By then it has reported several steps.
  await waitFor('its servers', () => existsSync(join(dir, 'demo.env')), LIMIT_MS);
  const everyone = [await findProc(terminal.pid), ...(await procsIn(dir))].filter(proc => proc !== undefined);
  terminal.kill('SIGHUP');
  await nothingLeft(base, everyone);
});

test('a demo refuses flags that name other servers', async () => {
  const demo = headless(ownBase(), ['--host', 'db.example']);
  expect(await demo.ended).toBe(2);
  expect(demo.said()).toBe(
    'tradetop: --host cannot be used with demo, which has servers of its own.\n  Use: tradetop watch\n',
  );
});

test('a demo names the incident that was meant', async () => {
  const demo = headless(ownBase(), ['--incident', 'slow-query,lock-pil']);
  expect(await demo.ended).toBe(2);
  expect(demo.said()).toBe('tradetop: There is no incident lock-pil.\n  Did you mean lock-pile?\n');
});
