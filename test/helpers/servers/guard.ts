import {spawn} from 'node:child_process';
import type {Socket} from 'node:net';
import {fileURLToPath} from 'node:url';

/**
 * Starts a process that waits for the end of this one, however it comes, and then clears a private directory with the
 * servers in it. A pipe tells it: the kernel closes the pipes of a killed process too. `release` ends the guard.
 */
export function startGuard(dir: string): {readonly release: () => void} {
  const entry = fileURLToPath(new URL('guard-entry.ts', import.meta.url));
  const child = spawn(process.execPath, [entry, dir], {
    cwd: '/',
    // A session of its own: a signal to our process group must not end it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => {});
  child.unref();
  const pipe = child.stdin as Socket;
  pipe.on('error', () => {});
  pipe.unref();
  return {release: () => pipe.end()};
}
