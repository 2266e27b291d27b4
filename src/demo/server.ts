import {type ChildProcess, spawn} from 'node:child_process';
import {open} from 'node:fs/promises';
import {UserError} from '../core/errors.ts';
import {type EndStep, freePort, lastLines, until} from './process.ts';
import {type ServerUser, spawnAs} from './temp-dir.ts';

/** A server's program and how to tell its states apart: all the differences between PostgreSQL and Redis. */
export type ServerSpec = {
  readonly title: string;
  readonly file: string;
  /** The name to start the program with, where it decides what the program does. */
  readonly argv0?: string | undefined;
  /** Writes its configuration for a port and returns its arguments. */
  readonly args: (port: number) => Promise<readonly string[]>;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly user: ServerUser | undefined;
  readonly logFile: string;
  /** Whether it answers a query. */
  readonly answers: (port: number) => Promise<boolean>;
  /** The words in its log when another program has the port. */
  readonly portTaken: RegExp;
  readonly readyWithinMs: number;
  /** What to check when it does not start. */
  readonly next: string;
  /** Ends the process and its children. */
  readonly end: (pid: number, steps: readonly EndStep[]) => Promise<void>;
  /** Called when it ends without having been asked to. */
  readonly onExit?: ((why: string) => void) | undefined;
};

export type RunningServer = {
  readonly port: number;
  /** Changes with `restart`. */
  readonly pid: () => number;
  readonly end: (steps: readonly EndStep[]) => Promise<void>;
  /** Starts it again on its port; a running one is ended first. */
  readonly restart: (steps: readonly EndStep[]) => Promise<void>;
  /** The last lines of its log. */
  readonly log: () => Promise<string>;
};

/**
 * The environment of servers: only the PATH of ours. PGDATA, PGPORT, LC_ALL and others would change their behaviour.
 */
export const serverEnv = (): NodeJS.ProcessEnv => ({PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C'});

/** Starts a server on a free port, or on `wanted` and no other, and waits until it answers. */
export async function runServer(spec: ServerSpec, wanted?: number): Promise<RunningServer> {
  for (let attempt = 1; ; attempt++) {
    const port = wanted ?? (await freePort());
    const child = await launch(spec, port);
    if (child !== 'port taken') return running(spec, port, child);
    if (wanted !== undefined || attempt === 5) {
      throw new UserError(`Port ${port} of 127.0.0.1 is taken.`, 'Leave the port out to get a free one.');
    }
  }
}

function running(spec: ServerSpec, port: number, first: ChildProcess): RunningServer {
  let stopping = false;
  const watch = (next: ChildProcess): ChildProcess =>
    next.once('exit', (code, signal) => stopping || spec.onExit?.(`${spec.title} ended with ${signal ?? code}`));
  let child = watch(first);
  const end = async (steps: readonly EndStep[]): Promise<void> => {
    stopping = true;
    await spec.end(child.pid as number, steps);
  };
  return {
    port,
    pid: () => child.pid as number,
    end,
    restart: async steps => {
      await end(steps);
      const next = await launch(spec, port);
      if (next === 'port taken') throw new UserError(`Port ${port} of 127.0.0.1 was taken meanwhile.`);
      stopping = false;
      child = watch(next);
    },
    log: () => lastLines(spec.logFile, 40),
  };
}

async function launch(spec: ServerSpec, port: number): Promise<ChildProcess | 'port taken'> {
  const args = await spec.args(port);
  const log = await open(spec.logFile, 'a', 0o600);
  const from = (await log.stat()).size;
  const child = spawn(spec.file, args, {
    ...(spec.argv0 ? {argv0: spec.argv0} : {}),
    cwd: spec.cwd,
    env: spec.env,
    // A process group of its own: Ctrl-C on the terminal is for the console, which then stops the server.
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    ...spawnAs(spec.user),
  });
  const failed = new Promise<string>(resolve => {
    child.once('error', error => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? code}`));
  });
  await log.close();
  let failure: string | undefined;
  // Another program on that port may accept a connection and send nothing: our server's end cuts the wait short.
  const answered = async (): Promise<boolean> => {
    const first = await Promise.race([failed, spec.answers(port)]);
    if (typeof first === 'string') failure = first;
    return first !== false;
  };
  if ((await until(answered, spec.readyWithinMs)) && failure === undefined) return child;
  const logLines = await lastLines(spec.logFile, 8, from);
  if (child.pid !== undefined) await spec.end(child.pid, [['SIGKILL', 5000]]);
  if (spec.portTaken.test(logLines)) return 'port taken';
  const why = failure ?? `no answer within ${spec.readyWithinMs / 1000} s`;
  throw new UserError(
    `${spec.title} did not start: ${why}.${logLines ? ` Its last log lines:\n${logLines}` : ''}`,
    spec.next,
  );
}
