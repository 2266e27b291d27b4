import {type ChildProcess, spawn} from 'node:child_process';
import {pipeline} from 'node:stream/promises';
import type {UserError} from '../core/errors.ts';

/** One program to run, and where its streams lead. */
export type Program = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** File descriptors for the first program's input and the last one's output; default: none. */
  readonly input?: number;
  readonly output?: number;
  /** The error for its failure: how it ended, and the end of what it wrote on stderr. */
  readonly failed: (ended: string, said: string) => UserError;
};

// What a program says whose neighbour in the pipe has failed; a shell calls the end by SIGPIPE 141.
const NEIGHBOUR = /broken pipe|connection reset|end of file|SIGPIPE|it ended with 141\b/i;

/**
 * Runs programs, each reading what the one before it writes, and waits until all have ended. Throws the error of the one that
 * failed by itself, and the signal's reason when aborted; then none of them runs any more.
 */
export async function runPrograms(programs: readonly Program[], signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const last = programs.length - 1;
  const children = programs.map(({command, args, env, input, output}, i) =>
    spawn(command, args, {
      cwd: '/',
      env,
      stdio: [i > 0 ? 'pipe' : (input ?? 'ignore'), i < last ? 'pipe' : (output ?? 'ignore'), 'pipe'],
    }),
  );
  let late: NodeJS.Timeout | undefined;
  const stop = (): void => {
    for (const child of children) child.kill('SIGTERM');
    late = setTimeout(() => children.map(child => child.kill('SIGKILL')), 5000);
  };
  signal.addEventListener('abort', stop, {once: true});
  try {
    const ends = children.map(endOf);
    // A pipe that breaks is the fault of a program, which says so itself.
    const pipes = children.slice(1).map((child, i) => joined(children[i], child));
    const ended = await Promise.all(ends);
    await Promise.all(pipes);
    signal.throwIfAborted();
    const wrong = ended.flatMap((end, i) => (end.ended === undefined ? [] : [{...end, ended: end.ended, i}]));
    const first = wrong.find(({ended, said}) => !NEIGHBOUR.test(`${ended} ${said}`)) ?? wrong[0];
    if (first) throw programs[first.i]?.failed(first.ended, first.said);
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', stop);
  }
}

type End = {readonly ended: string | undefined; readonly said: string};

/** How a program ended; `ended` is undefined where it did its work. */
async function endOf(child: ChildProcess): Promise<End> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (data: string) => {
    said = (said + data).slice(-4000);
  });
  return new Promise(resolve => {
    child.on('error', error => resolve({ended: `it could not be run: ${error.message}`, said}));
    child.on('close', (code, by) => resolve({ended: code === 0 ? undefined : `it ended with ${by ?? code}`, said}));
  });
}

async function joined(from: ChildProcess | undefined, to: ChildProcess): Promise<void> {
  if (!from?.stdout || !to.stdin) return;
  await pipeline(from.stdout, to.stdin).catch(() => {});
}
