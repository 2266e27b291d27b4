import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {open} from 'node:fs/promises';
import {join} from 'node:path';
import {childEnv} from '../core/env.ts';
import {lastLines} from './process.ts';
import type {TempDir} from './temp-dir.ts';

/** A command of this program that runs beside the console, as a process of its own. */
export type DemoService = {
  readonly name: string;
  readonly args: readonly string[];
  /** The variables that it connects with, passwords included. */
  readonly env: Readonly<Record<string, string>>;
};

export type RunningService = {readonly stop: () => Promise<void>};

/**
 * Starts a service from this program's own entry, with its output in `NAME.log` of the private directory. That is its
 * working directory too, by which it is found if its keeper dies; its standard input is a pipe that ends with the
 * keeper.
 */
export async function startService(
  service: DemoService,
  tempDir: TempDir,
  onExit: (why: string) => void,
): Promise<RunningService> {
  const logFile = join(tempDir.dir, `${service.name}.log`);
  const log = await open(logFile, 'a', 0o600);
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] as string, ...service.args], {
    cwd: tempDir.dir,
    env: {...childEnv(process.env, 'ours'), ...service.env},
    stdio: ['pipe', log.fd, log.fd],
  });
  await log.close();
  let stopping = false;
  const gone = once(child, 'close').catch(() => []);
  child.stdin?.on('error', () => {});
  child.on('error', error => onExit(`${service.name} did not start: ${error.message}`));
  child.on('exit', async (code, signal) => {
    if (stopping) return;
    const end = await lastLines(logFile, 3);
    onExit(`${service.name} ended with ${signal ?? code}${end ? `: ${end}` : ''}`);
  });
  return {
    stop: async () => {
      stopping = true;
      child.kill('SIGTERM');
      const hard = setTimeout(() => child.kill('SIGKILL'), 5000);
      await gone;
      clearTimeout(hard);
    },
  };
}
