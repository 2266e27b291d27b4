import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, test} from 'vitest';
import {program} from '../helpers/desk/console.ts';

const home = mkdtempSync(join(tmpdir(), 'tradetop-words-'));
afterAll(() => rmSync(home, {recursive: true, force: true}));

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const {status, stdout, stderr} = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    timeout: 30_000,
    env: {PATH: process.env.PATH, HOME: home, PGPORT: '1', REDIS_PORT: '1', ...env},
  });
  return {status, stdout, stderr};
};

describe('what the program is asked for', () => {
  test('an unknown command is refused with the one that was probably meant', () => {
    expect(run(['wathc'])).toEqual({
      status: 2,
      stdout: '',
      stderr: 'tradetop: There is no command wathc.\n  Did you mean watch?\n',
    });
  });

  test('flags may come before the command', () => {
    const config = join(home, 'config.json');
    writeFileSync(config, JSON.stringify({environment: 'paper'}));
    for (const args of [
      ['--config', config, '--json', 'doctor'],
      ['--json', `--config=${config}`, 'doctor'],
    ]) {
      const {status, stdout, stderr} = run(args);
      expect([status, stderr]).toEqual([2, expect.stringContaining('PostgreSQL could not be reached.')]);
      expect(JSON.parse(stdout).environment).toBe('paper');
    }
  });

  test('an env file that is missing is named, and not by Node, which has such a flag too', () => {
    const args = ['--env-file', '/nonexistent.env', 'doctor'];
    const {status, stderr} = spawnSync(program, args, {encoding: 'utf8', env: {PATH: process.env.PATH, HOME: home}});
    expect([status, stderr]).toEqual([2, expect.stringContaining('tradetop: Cannot read /nonexistent.env (ENOENT).')]);
  });

  test('a wrong variable is refused by its own name', () => {
    expect(run(['doctor'], {TRADETOP_SLOW_MS: 'fast'}).stderr).toContain('TRADETOP_SLOW_MS is "fast"');
  });

  test('help COMMAND is the help of the command', () => {
    const {status, stdout} = run(['snapshot', '--help']);
    expect([status, stdout]).toEqual([0, expect.stringContaining('Usage: tradetop snapshot')]);
    expect(run(['help', 'snapshot'])).toEqual({status: 0, stdout, stderr: ''});
  });

  test('an empty variable is unset', () => {
    const empty = {
      POSTGRES_HOST: '',
      POSTGRES_PORT: '',
      TRADETOP_ENVIRONMENT: '',
      REDIS_URL: '',
      TRADETOP_CONFIG: '',
      XDG_CONFIG_HOME: '',
    };
    const {stdout} = run(['doctor'], {...empty, REDIS_HOST: '127.0.0.1', LC_ALL: 'C'});
    expect(stdout).toMatch(/PostgreSQL at localhost:1\/trading_system as postgres cannot be used/);
    expect(stdout).toMatch(/Redis at 127\.0\.0\.1:1 does not answer/);
    expect(stdout).toMatch(/environment dev/);
  });
});
