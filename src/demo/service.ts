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

/** A service that runs, and that an incident may stop and start again. */
export type RunningService = {
  /** Ends it: with SIGTERM it gets five seconds. */
  readonly stop: (signal?: 'SIGTERM' | 'SIGKILL') => Promise<void>;
  /** Starts it again, with further arguments; where it runs, nothing happens. */
  readonly start: (more?: readonly string[]) => Promise<void>;
};

const STOP_MS = 5000;

/**
 * Starts a service from this program's own entry, with its output in `NAME.log` of the private directory. That is its
 * working directory too, by which it is found if its keeper dies; its standard input is a pipe that ends with the
 * keeper. `onExit` hears of an end that nobody asked for.
 */
export async function startService(
  service: DemoService,
  tempDir: TempDir,
  onExit: (why: string) => void,
): Promise<RunningService> {
  let running: Started | undefined;
  const start = async (more: readonly string[] = []): Promise<void> => {
    running ??= await spawnService({...service, args: [...service.args, ...more]}, tempDir, onExit);
  };
  await start();
  return {
    start,
    stop: async (signal = 'SIGTERM') => {
      const stopping = running;
      running = undefined;
      await stopping?.stop(signal);
    },
  };
}

type Started = {readonly stop: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void>};

async function spawnService(service: DemoService, tempDir: TempDir, onExit: (why: string) => void): Promise<Started> {
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
    stop: async signal => {
      stopping = true;
      child.kill(signal);
      const hard = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await gone;
      clearTimeout(hard);
    },
  };
}
