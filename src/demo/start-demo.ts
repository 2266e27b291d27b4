import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {childEnv} from '../core/env.ts';
import {UserError} from '../core/errors.ts';
import {type DemoPlan, type KeeperMessage, messageSchema} from './message.ts';
import {clearTempDir} from './orphans.ts';
import {logTail} from './process.ts';

/** A running demo, as the console sees it. */
export type Demo = {
  /** The variables that the console and others connect with, passwords included. */
  readonly env: Readonly<Record<string, string>>;
  /** A file of the same variables that only this user can read; removed when the demo ends. */
  readonly envFile: string;
};

export type StartedDemo = {
  /** Resolves when servers and services run; rejects with a UserError that says what to do. */
  readonly ready: Promise<Demo>;
  /** Resolves with the reason when the keeper ends without having been asked to: everything is cleared by then. */
  readonly lost: Promise<string>;
  /** Begins an incident, or ends it where it goes on; a message says when that is done. */
  readonly toggleIncident: (name: string) => void;
  /** Ends the demo; resolves when no process and no directory of it is left. */
  readonly stop: () => Promise<void>;
};

const STOP_WITHIN_MS = 30_000;

/**
 * Starts the keeper of a demo, a process in a session of its own, so that what ends this process does not end it too.
 * It holds the other end of a pipe from us: when we end, however suddenly, it cleans up. `entry` are the arguments of
 * Node; they must run `runKeeper`.
 */
export function startDemo(
  entry: readonly string[],
  plan: DemoPlan,
  onMessage: (message: KeeperMessage) => void,
): StartedDemo {
  const child = spawn(process.execPath, [...entry], {
    cwd: '/',
    env: childEnv(process.env, 'ours'),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [dir, errors, stopping] = ['', '', false];
  const ready = Promise.withResolvers<Demo>();
  const gone = once(child, 'close').catch(() => []);
  child.on('error', error => ready.reject(error));
  child.stdin.on('error', () => {});
  child.stdin.write(`${JSON.stringify(plan)}\n`);
  child.stderr.setEncoding('utf8').on('data', text => (errors = logTail(errors + text, 20)));
  createInterface({input: child.stdout}).on('line', line => {
    const message = messageSchema.parse(JSON.parse(line));
    if (message.kind === 'temp_dir') dir = message.dir;
    if (message.kind === 'ready') ready.resolve({env: message.env, envFile: message.envFile});
    if (message.kind === 'failed') ready.reject(errorOf(message));
    onMessage(message);
  });
  const lost = gone.then(async ([code, signal]) => {
    if (dir !== '') await clearTempDir(dir);
    const why = `the demo’s keeper ended with ${signal ?? code}${errors ? `: ${errors}` : ''}`;
    ready.reject(new Error(why));
    return stopping ? new Promise<never>(() => {}) : why;
  });
  ready.promise.catch(() => {});
  return {
    ready: ready.promise,
    lost,
    toggleIncident: name => void child.stdin.write(`${JSON.stringify({toggle: name})}\n`),
    stop: async () => {
      stopping = true;
      child.stdin.end();
      const hard = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await gone;
      clearTimeout(hard);
      if (dir !== '') await clearTempDir(dir);
    },
  };
}

const errorOf = ({message, next, bug}: Extract<KeeperMessage, {kind: 'failed'}>): Error =>
  bug ? new Error(message) : new UserError(message, next);
