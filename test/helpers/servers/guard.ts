import {type ChildProcess, spawn} from 'node:child_process';
import type {Socket} from 'node:net';
import {clearTempDir} from '../../../src/demo/orphans.ts';
import {ended} from '../../../src/demo/pipe.ts';
import {END_SIGNALS, onSignals} from '../../../src/io/signals.ts';

/** A running guard. `release` lets it clear the directory and end. */
type Guard = {readonly pid: number; readonly release: () => void};

/**
 * Starts a process that only waits for our end, whatever its cause, and then clears a private directory: it ends the
 * servers in it and removes it. It notices our end by a pipe that the kernel closes, also for a killed process. `entry`
 * are the arguments of Node; they must run `guardMain`.
 */
export function startGuard(entry: readonly string[], dir: string): Guard {
  const child: ChildProcess = spawn(process.execPath, [...entry, dir], {
    cwd: '/',
    // A session of its own: a signal to our process group must not reach it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => {});
  child.unref();
  const pipe = child.stdin as Socket;
  pipe.on('error', () => {});
  pipe.unref();
  return {pid: child.pid ?? 0, release: () => pipe.end()};
}

/** The guard's main function. */
export async function guardMain(dir: string): Promise<void> {
  onSignals(END_SIGNALS, () => {});
  await ended(process.stdin);
  await clearTempDir(dir);
}
