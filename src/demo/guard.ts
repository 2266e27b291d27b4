import {type ChildProcess, spawn} from 'node:child_process';
import type {Socket} from 'node:net';
import {END_SIGNALS, onSignals} from '../io/signals.ts';
import {clearTempDir} from './orphans.ts';

/** How to start a process of ours: the arguments after the name of the Node program. */
export type GuardEntry = readonly string[];

/** A running guard. `release` lets it clear the directory and end. */
export type Guard = {readonly pid: number; readonly release: () => void};

/**
 * Starts a process that only waits for our end, whatever its cause, and then clears a private directory: it ends the servers
 * in it and removes it. It notices our end by a pipe that the kernel closes, also for a killed process. `entry` must run
 * `guardMain`.
 */
export function startGuard(entry: GuardEntry, dir: string): Guard {
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

/** Resolves when the other end of a pipe is closed or broken. */
export function ended(stream: NodeJS.ReadableStream): Promise<void> {
  return new Promise(resolve => {
    for (const event of ['end', 'error', 'close'] as const) stream.once(event, () => resolve());
    stream.resume();
  });
}
