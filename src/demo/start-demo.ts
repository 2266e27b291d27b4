import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {UserError} from '../core/errors.ts';
import {connectionless} from './demo-env.ts';
import {type DemoPlan, type KeeperMessage, messageSchema} from './message.ts';
import {clearPlace} from './orphans.ts';
import {logTail} from './process.ts';

/** A demo that runs, seen from the console. */
export type Demo = {
  /** What its console, and anybody else, connects by; with passwords. */
  readonly env: Readonly<Record<string, string>>;
  /** A file of the same variables that only we can read; gone when the demo ends. */
  readonly envFile: string;
};

export type StartedDemo = {
  /** Resolves when servers and services run; rejects with a UserError that says what to mend. */
  readonly ready: Promise<Demo>;
  /** Resolves, with the reason, when the keeper ends without having been asked to: everything is cleared by then. */
  readonly lost: Promise<string>;
  /** Ends the demo; resolves when no process and no directory of it is left. */
  readonly stop: () => Promise<void>;
};

const STOP_WITHIN_MS = 30_000;

/**
 * Starts the keeper of a demo, a process in a session of its own, so that nothing that ends this process ends it as
 * well. It holds the other end of a pipe from us: when we are gone, however suddenly, it clears up. `entry`, the arguments
 * of the Node program, must run `runKeeper`.
 */
export function startDemo(
  entry: readonly string[],
  plan: DemoPlan,
  onMessage: (message: KeeperMessage) => void,
): StartedDemo {
  const child = spawn(process.execPath, [...entry], {
    cwd: '/',
    env: connectionless(process.env),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [dir, errors, asked] = ['', '', false];
  const ready = Promise.withResolvers<Demo>();
  const gone = once(child, 'close').catch(() => []);
  child.on('error', error => ready.reject(error));
  child.stdin.on('error', () => {});
  child.stdin.write(`${JSON.stringify(plan)}\n`);
  child.stderr.setEncoding('utf8').on('data', text => (errors = logTail(errors + text, 20)));
  createInterface({input: child.stdout}).on('line', line => {
    const message = messageSchema.parse(JSON.parse(line));
    if (message.kind === 'place') dir = message.dir;
    if (message.kind === 'ready') ready.resolve({env: message.env, envFile: message.envFile});
    if (message.kind === 'failed') ready.reject(errorOf(message));
    onMessage(message);
  });
  const lost = gone.then(async ([code, signal]) => {
    if (dir !== '') await clearPlace(dir);
    const why = `the demo’s keeper ended with ${signal ?? code}${errors ? `: ${errors}` : ''}`;
    ready.reject(new Error(why));
    return asked ? new Promise<never>(() => {}) : why;
  });
  ready.promise.catch(() => {});
  return {
    ready: ready.promise,
    lost,
    stop: async () => {
      asked = true;
      child.stdin.end();
      const hard = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await gone;
      clearTimeout(hard);
      if (dir !== '') await clearPlace(dir);
    },
  };
}

const errorOf = ({message, next, bug}: Extract<KeeperMessage, {kind: 'failed'}>): Error =>
  bug ? new Error(message) : new UserError(message, next);
