import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import {type Bench, makeBench, newServer} from '../helpers/desk/acting.ts';
import {program} from '../helpers/desk/console.ts';
import {fill, openTerminal, type Terminal} from '../helpers/servers/pty.ts';
import {servers} from '../helpers/servers/servers.ts';
import {hasSshd, startSshd} from '../helpers/servers/sshd.ts';
import {waitFor} from '../helpers/servers/wait.ts';

let bench: Bench;
let slow: string;
const open: Terminal[] = [];
const children: ChildProcess[] = [];
beforeAll(async () => {
  bench = await makeBench(await newServer[1]());
  slow = await bench.role(['tradetop_operator'], {vacuum_cost_delay: '100ms', vacuum_cost_limit: '1'});
  await bench.admin.query('CREATE TABLE logging.big (id int, filler text) WITH (autovacuum_enabled = false)');
  await bench.admin.query('GRANT MAINTAIN ON logging.big TO tradetop_operator');
  await bench.admin.query(`INSERT INTO logging.big SELECT g, repeat('x', 100) FROM generate_series(1, 20000) AS g`);
  await bench.admin.query('DELETE FROM logging.big WHERE id <= 5000');
});
afterEach(() => {
  for (const terminal of open.splice(0)) terminal.kill('SIGKILL');
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => bench.close());

const sessions = async (): Promise<number> =>
  (await bench.admin.query('SELECT FROM pg_stat_activity WHERE usename = $1', [slow])).rows.length;
const vacuums = async (): Promise<number> =>
  (await bench.admin.query('SELECT FROM pg_stat_progress_vacuum')).rows.length;
const lastResult = async (): Promise<unknown> =>
  (await bench.admin.query('SELECT result FROM shared.audit_log ORDER BY id DESC LIMIT 1')).rows[0]?.result;
const gone = (pid: number): boolean => {
  try {
    // A zombie has ended: its parent, the test's terminal, has not asked for it yet.
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
};

/** A console in which VACUUM runs. `log` is the file that it logs to. */
async function vacuuming(shell: readonly string[] = []): Promise<Terminal> {
  const {redis} = await servers();
  const [command = '', ...args] = [...shell, process.execPath, program, 'watch'];
  const terminal = openTerminal(command, args, {
    env: {...bench.env(slow), REDIS_URL: redis.url, TRADETOP_ENVIRONMENT: 'dev', TRADETOP_LOG_FILE: '/dev/null'},
  });
  open.push(terminal);
  await terminal.sees(/bus +ok/);
  terminal.type('V');
  await terminal.sees(/[1-9]\d* entries/);
  terminal.type('logging.big\r');
  await terminal.sees(/\[ Cancel \]/);
  await waitFor('VACUUM to run', async () => {
    if ((await vacuums()) === 1) return true;
    terminal.type('y');
    return false;
  });
  return terminal;
}

describe('while VACUUM runs, the console', () => {
  // The shell keeps the hang-up from the console, as a lost session does whose leader is another program.
  test.each([
    ['its terminal is gone', [], (terminal: Terminal) => terminal.hangUp()],
    [
      'its terminal is gone without a signal',
      ['sh', '-c', 'trap "" HUP; "$@"; exit', 'sh'],
      (t: Terminal) => t.hangUp(),
    ],
    [
      'it is told to, on a terminal that takes nothing',
      [],
      async (terminal: Terminal) => {
        await terminal.stall();
        process.kill(terminal.pid, 'SIGTERM');
      },
    ],
  ] as const)('ends with its sessions when %s, and records the cancel', async (_, shell, end) => {
    const terminal = await vacuuming(shell);
    await end(terminal);
    await waitFor('the server to have no session of it', async () => (await sessions()) === 0, 10_000);
    await waitFor('the process to end', () => gone(terminal.pid));
    expect([await vacuums(), await lastResult()]).toEqual([0, 'cancelled']);
  });
});

const hasTmux = (() => {
  try {
    return execFileSync('tmux', ['-V']).length > 0;
  } catch {
    return false;
  }
})();

describe('while VACUUM runs, a console far away', () => {
  const ends = async (): Promise<void> => {
    await waitFor('the server to have no session of it', async () => (await sessions()) === 0, 10_000);
    expect([await vacuums(), await lastResult()]).toEqual([0, 'cancelled']);
  };

  test.skipIf(!hasTmux)('ends when its tmux session is killed', async () => {
    const tmux = ['-L', `tradetop-test-${randomBytes(4).toString('hex')}`, '-f', '/dev/null'];
    await vacuuming(['tmux', ...tmux, 'new-session']);
    execFileSync('tmux', [...tmux, 'kill-session']);
    await ends();
  });

  test.skipIf(!hasSshd)('ends when its SSH client is killed', async () => {
    const sshd = await startSshd();
    try {
      const terminal = await vacuuming(sshd.command);
      process.kill(terminal.pid, 'SIGKILL');
      await ends();
    } finally {
      await sshd.stop();
    }
  });
});

describe('on a terminal that takes nothing or is gone,', () => {
  const stalled = (t: Terminal) => t.stall();
  const closed = (t: Terminal) => t.hangUp();
  let syncer: string;
  beforeAll(async () => {
    syncer = await bench.role(['tradetop_sync']);
  });

  const run = async (args: readonly string[], role: string): Promise<Terminal> => {
    const {redis} = await servers();
    const env = {...bench.env(role), REDIS_URL: redis.url, TRADETOP_ENVIRONMENT: 'dev', TRADETOP_LOG_FILE: ''};
    const terminal = openTerminal(process.execPath, [program, ...args], {env});
    open.push(terminal);
    return terminal;
  };
  const sessionsOf = async (role: string): Promise<number> =>
    (await bench.admin.query('SELECT FROM pg_stat_activity WHERE usename = $1', [role])).rows.length;
  const ends = async (terminal: Terminal, role: string): Promise<void> => {
    await waitFor('the process to end', () => gone(terminal.pid), 10_000);
    await waitFor('the server to have no session of it', async () => (await sessionsOf(role)) === 0, 10_000);
  };

  // A hang-up lets the action continue, so that only what asks it to end is tried.
  test.each([
    ['stalled', stalled],
    ['closed', closed],
  ] as const)('maintain cancels its action at SIGTERM: %s', async (_, lose) => {
    const terminal = await run(['maintain', 'vacuum-analyze', 'logging.big', '--yes'], slow);
    await waitFor('VACUUM to run', async () => (await vacuums()) === 1);
    await lose(terminal);
    process.kill(terminal.pid, 'SIGTERM');
    await ends(terminal, slow);
    expect([await vacuums(), await lastResult()]).toEqual([0, 'cancelled']);
  });

  test.each(['SIGTERM', 'SIGHUP'] as const)('maintain that asks ends at %s', async signal => {
    const terminal = await run(['maintain', 'vacuum-analyze', 'logging.big'], slow);
    await terminal.sees('run it? [y/N]');
    await terminal.stall();
    process.kill(terminal.pid, signal);
    await ends(terminal, slow);
    expect(await vacuums()).toBe(0);
  });

  test.each([
    ['stalled, SIGTERM', stalled, 'SIGTERM'],
    ['stalled, SIGHUP', stalled, 'SIGHUP'],
    ['closed', closed, undefined],
  ] as const)('sync ends: %s', async (_, lose, signal) => {
    const terminal = await run(['sync'], syncer);
    await waitFor('its sessions', async () => (await sessionsOf(syncer)) > 0);
    await terminal.sees('"msg":"started"');
    await lose(terminal);
    if (signal) process.kill(terminal.pid, signal);
    await ends(terminal, syncer);
  });

  /** A pipe that is full, and that nobody reads. */
  function fullPipe(): {readonly fd: number; readonly end: () => void} {
    const dir = mkdtempSync(join(tmpdir(), 'tradetop-pipe-'));
    const path = join(dir, 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    fill(path);
    const fd = openSync(path, constants.O_WRONLY);
    return {
      fd,
      end: () => {
        for (const each of [fd, reader]) closeSync(each);
        rmSync(dir, {recursive: true});
      },
    };
  }

  test('sync and maintain end at SIGTERM where nobody reads the pipe of their messages', async () => {
    const {redis} = await servers();
    const pipe = fullPipe();
    const start = (role: string, ...args: readonly string[]): number => {
      const child = spawn(process.execPath, [program, ...args], {
        env: {
          ...process.env,
          ...bench.env(role),
          REDIS_URL: redis.url,
          TRADETOP_ENVIRONMENT: 'dev',
          TRADETOP_LOG_FILE: '',
        },
        stdio: ['ignore', pipe.fd, pipe.fd],
      });
      children.push(child);
      return child.pid as number;
    };
    const [sync, maintain] = [start(syncer, 'sync'), start(slow, 'maintain', 'vacuum-analyze', 'logging.big', '--yes')];
    await waitFor('both to work', async () => (await sessionsOf(syncer)) > 0 && (await vacuums()) === 1);
    for (const pid of [sync, maintain]) process.kill(pid, 'SIGTERM');
    await waitFor('both to end', () => gone(sync) && gone(maintain), 10_000);
    await waitFor(
      'the server to have no session of them',
      async () => (await sessionsOf(syncer)) + (await sessionsOf(slow)) === 0,
    );
    expect([await vacuums(), await lastResult()]).toEqual([0, 'cancelled']);
    pipe.end();
  });
});
