import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, realpathSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {endProc, findProc, isRunning, logTail, parseLsof, procsIn} from '../../src/demo/process.ts';
import {which} from '../../src/io/which.ts';
import {waitFor} from '../helpers/servers/wait.ts';

const sleeper = (cwd = '/') => spawn('sleep', ['600'], {cwd, stdio: 'ignore'});

test('a process is known by pid and start, and has ended when it exits, reaped or not', async () => {
  const child = sleeper();
  const proc = await findProc(child.pid as number);
  if (!proc) throw new Error('the started process was not found');
  expect(await isRunning(proc)).toBe(true);
  expect(await endProc(proc, [['SIGTERM', 5000]])).toBe(true);
  expect([await isRunning(proc), await findProc(proc.pid)]).toEqual([false, undefined]);
});

test('a process that nobody reaps has ended too', async () => {
  // The shell becomes a sleeper that never waits for its child: the child stays a zombie.
  const shell = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 600'], {stdio: ['ignore', 'pipe', 'ignore']});
  let said = '';
  shell.stdout.on('data', text => (said += text));
  const pid = Number(await waitFor('the child’s pid', () => said.trim()));
  await waitFor('the zombie to count as ended', async () => (await findProc(pid)) === undefined);
  expect(() => process.kill(pid, 0)).not.toThrow();
  shell.kill('SIGKILL');
});

test('a process whose first thread alone has ended still runs: its files and ports are not closed', async ({skip}) => {
  // The system call exit(2), which ends one thread, has another number elsewhere; and a bare Debian's Perl may lack threads.
  if (`${process.platform} ${process.arch}` !== 'linux x64') skip('only on Linux on x64');
  const script = 'use threads; threads->create(sub { sleep 600 }); $| = 1; print "on\\n"; syscall(60, 0);';
  const child = spawn('perl', ['-e', script], {stdio: ['ignore', 'pipe', 'ignore']});
  const [first] = await Promise.race([once(child.stdout, 'data'), once(child.stdout, 'end'), once(child, 'error')]);
  if (String(first) !== 'on\n') skip('no Perl with threads');
  const pid = child.pid as number;
  await waitFor('the first thread to end', () => / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
  expect(await findProc(pid)).toBeDefined();
  child.kill('SIGKILL');
  await waitFor('all of it to end', async () => (await findProc(pid)) === undefined);
});

test('another process with the same pid is never signalled', async () => {
  const child = sleeper();
  const pid = child.pid as number;
  expect(await endProc({pid, start: 'of another one'}, [['SIGKILL', 1000]])).toBe(true);
  expect(await findProc(pid)).toBeDefined();
  child.kill('SIGKILL');
});

test('a stronger signal follows one that is ignored, and a stopped process ends too', async () => {
  const ignoring = spawn('sh', ['-c', "trap '' TERM; echo on; sleep 600 & wait; wait"], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await new Promise(resolve => ignoring.stdout.once('data', resolve));
  const stopped = sleeper();
  stopped.kill('SIGSTOP');
  const procs = await Promise.all([ignoring, stopped].map(async child => await findProc(child.pid as number)));
  for (const proc of procs) {
    if (!proc) throw new Error('the started process was not found');
    expect(
      await endProc(proc, [
        ['SIGTERM', 300],
        ['SIGKILL', 5000],
      ]),
    ).toBe(true);
  }
});

test('the processes of a directory are those that work in it or below it, and no others', async () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'tradetop-unit-')));
  const [inside, beside] = [sleeper(dir), sleeper()];
  const found = await waitFor('the process in the directory', async () => {
    const procs = await procsIn(dir);
    return procs.length > 0 && procs;
  });
  expect(found.map(proc => proc.pid)).toEqual([inside.pid]);
  inside.kill('SIGKILL');
  beside.kill('SIGKILL');
  rmSync(dir, {recursive: true});
});

test('the output of lsof is filtered by directory', () => {
  const text = 'p10\nfcwd\nn/tmp/a\np11\nfcwd\nn/tmp/ab\np12\nfcwd\nn/tmp/a/pg/data\np13\nfcwd\nn/\n';
  expect(parseLsof(text, '/tmp/a')).toEqual([10, 12]);
});

test('a program is searched in absolute directories of the PATH only', () => {
  expect(which('sh', '/nonexistent:/bin:/usr/bin')).toBe('/bin/sh');
  expect(which('process.test.ts', '.:test/unit')).toBeUndefined();
});

test('the tail of a log is its last lines', () => {
  expect(logTail('a\nb\nc\n', 2)).toBe('b\nc');
});
