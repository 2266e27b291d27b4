import {closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';
import {type Program, runPrograms} from '../../src/backup/programs.ts';
import {UserError} from '../../src/core/errors.ts';
import {waitFor} from '../helpers/servers/wait.ts';

const dir = mkdtempSync(join(tmpdir(), 'tradetop-programs-'));
afterAll(() => rmSync(dir, {recursive: true, force: true}));
const never = new AbortController().signal;
const sh = (script: string, more: Partial<Program> = {}): Program => ({
  command: '/bin/sh',
  args: ['-c', script],
  env: {PATH: process.env.PATH},
  failed: (ended, said) => new UserError(`${script.split(' ')[0]}: ${said.trim() || ended}`),
  ...more,
});

describe('programs in a pipe', () => {
  it('each read what the one before writes, up to the last byte', async () => {
    const file = join(dir, 'out');
    const output = openSync(file, 'w');
    await runPrograms([sh('seq 1 200000'), sh('cat'), sh('tail -n 1', {output})], never);
    closeSync(output);
    expect(readFileSync(file, 'utf8')).toBe('200000\n');
  });

  it.each([
    ['the first', [sh('seq 1 9; echo wrong >&2; exit 3'), sh('cat')], 'seq: wrong'],
    ['the first, silently', [sh('exit 3'), sh('cat')], 'exit: it ended with 3'],
    [
      'the second',
      [sh('yes; echo "write error: Broken pipe" >&2; exit 1'), sh('echo no key >&2; exit 2')],
      'echo: no key',
    ],
    ['the second, while the first dies of its pipe', [sh('exec yes'), sh('exit 4')], 'exit: it ended with 4'],
    ['the second, while a shell ends as by a broken pipe', [sh('exit 141'), sh('exit 5')], 'exit: it ended with 5'],
    ['one that is not there, before others', [sh('', {command: '/nowhere/age'}), sh('cat')], '/nowhere/age ENOENT'],
    ['the second, by a signal', [sh('cat /dev/zero'), sh('kill -9 $$')], 'ended with SIGKILL'],
    [
      'one that is not there',
      [sh('yes'), sh('', {command: '/nowhere/gpg'})],
      'could not be run: spawn /nowhere/gpg ENOENT',
    ],
  ])('fail by the fault of %s, and none runs on', async (_, programs, message) => {
    await expect(runPrograms(programs, never)).rejects.toThrow(message);
  });

  it('all end where they are aborted, and none starts after that', async () => {
    const stop = new AbortController();
    const started = join(dir, 'started');
    const output = openSync(join(dir, 'pids'), 'w');
    const running = runPrograms(
      [sh(`touch ${started}; while :; do echo x; sleep 0.05; done`), sh('exec cat', {output})],
      stop.signal,
    );
    await waitFor('it to run', async () => existsSync(started));
    stop.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    closeSync(output);
    await expect(runPrograms([sh('true')], stop.signal)).rejects.toThrow('enough');
  });
});
