import {type ChildProcess, spawn} from 'node:child_process';
import type {Socket} from 'node:net';
import {END_SIGNALS, onSignals} from '../io/signals.ts';
import {clearPlace} from './orphans.ts';

/** How to start a process of ours: the arguments after the name of the Node program. */
export type GuardEntry = readonly string[];

/** What a guard is told of, and released by. */
export type Guard = {readonly pid: number; readonly release: () => void};

/**
 * Starts a process that does nothing but wait for our end, however it comes, and then clears a private directory: the
 * servers in it, and itself. It knows our end by the closing of a pipe, which the kernel does for the dead. `entry`
 * must run `guardMain`.
 */
export function startGuard(entry: GuardEntry, dir: string): Guard {
  const child: ChildProcess = spawn(process.execPath, [...entry, dir], {
    cwd: '/',
    // Its own session: what ends our process group must leave it.
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

/** The guard's whole life. */
export async function guardMain(dir: string): Promise<void> {
  onSignals(END_SIGNALS, () => {});
  await ended(process.stdin);
  await clearPlace(dir);
}

/** Resolves when the other end of a pipe is closed, or broken. */
export function ended(stream: NodeJS.ReadableStream): Promise<void> {
  return new Promise(resolve => {
    for (const event of ['end', 'error', 'close'] as const) stream.once(event, () => resolve());
    stream.resume();
  });
}
