import {execFile} from 'node:child_process';
import {readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {promisify} from 'node:util';
import {z} from 'zod';
import {childEnv} from '../core/env.ts';

const run = promisify(execFile);

/** One process, told apart from a later one with the same pid by its opaque `start`. */
export const procSchema = z.object({pid: z.number().int().positive(), start: z.string()});
export type Proc = Readonly<z.infer<typeof procSchema>>;

/** The running process of that pid; undefined if there is none, or if only its exit status is left (a zombie). */
export async function findProc(pid: number): Promise<Proc | undefined> {
  const start = process.platform === 'linux' ? linuxStart(pid) : await psStart(pid);
  return start === undefined ? undefined : {pid, start};
}

/** Whether that same process still runs. */
export const isRunning = async (proc: Proc): Promise<boolean> => (await findProc(proc.pid))?.start === proc.start;

// proc(5): the name is in brackets and may hold anything; after it the state is field 1, the start (clock ticks) field
// 20.
function linuxStart(pid: number): string | undefined {
  const text = readOr(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', start] = [fields[0], fields[19]];
  if (start === undefined || state === 'X' || (state === 'Z' && threads(pid) < 2)) return undefined;
  return `${readOr('/proc/sys/kernel/random/boot_id').trim()}:${start}`;
}

// The first thread of a killed process is a zombie before the others have ended and closed its files and ports.
function threads(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}

async function psStart(pid: number): Promise<string | undefined> {
  const {stdout} = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {env: childEnv(process.env)}).catch(
    () => ({stdout: ''}),
  );
  const [, state = 'Z', start] = /^\s*(\S+)\s+(.*\S)/.exec(stdout) ?? [];
  return state.startsWith('Z') ? undefined : start;
}

/**
 * The processes whose working directory is `dir` or below it. Every server and service of a demo has its working
 * directory there, so this finds them all, with their children, whoever started them and whether or not their pids were
 * recorded. Root in a container may not see the working directory of another user's process: servers are then found by
 * name and by the path of their data or configuration.
 */
export async function procsIn(dir: string): Promise<readonly Proc[]> {
  const pids = process.platform === 'linux' ? linuxPids(dir) : await lsofPids(dir);
  const procs = await Promise.all(pids.filter(pid => pid !== process.pid).map(findProc));
  return procs.filter(proc => proc !== undefined);
}

function linuxPids(dir: string): readonly number[] {
  const numbers = readdirSync('/proc').filter(name => /^\d+$/.test(name));
  return numbers.filter(pid => within(linkOr(`/proc/${pid}/cwd`), dir) || isServerOf(pid, dir)).map(Number);
}

function isServerOf(pid: string, dir: string): boolean {
  const [program = '', ...args] = readOr(`/proc/${pid}/cmdline`).split('\0');
  return /(^|\/)(postgres|(redis|valkey)-server)$/.test(program) && args.some(arg => within(arg, dir));
}

async function lsofPids(dir: string): Promise<readonly number[]> {
  // lsof exits with 1 if it could not read some process; stdout holds the others nevertheless.
  const out = await run('lsof', ['-w', '-d', 'cwd', '-F', 'pn'], {env: childEnv(process.env)}).catch(error => ({
    stdout: String(error.stdout ?? ''),
  }));
  return parseLsof(out.stdout, dir);
}

/** Parses `lsof -d cwd -F pn`: for each process a line `pPID`, then `fcwd` and `nPATH`. @internal */
export function parseLsof(text: string, dir: string): readonly number[] {
  const found: number[] = [];
  let pid = 0;
  for (const line of text.split('\n')) {
    if (line.startsWith('p')) pid = Number(line.slice(1));
    else if (line.startsWith('n') && within(line.slice(1), dir)) found.push(pid);
  }
  return found;
}

const within = (path: string, dir: string): boolean => path === dir || path.startsWith(`${dir}/`);

/** A signal, and how long to wait for the process to end after it, in milliseconds. */
export type EndStep = readonly [signal: NodeJS.Signals, waitMs: number];

/** Ends a process by ever stronger signals. True when it has ended; never signals another process with the same pid. */
export async function endProc(proc: Proc, steps: readonly EndStep[]): Promise<boolean> {
  for (const [signal, waitMs] of steps) {
    if (!(await isRunning(proc))) return true;
    try {
      process.kill(proc.pid, signal);
      // A stopped process handles no other signal before it continues.
      process.kill(proc.pid, 'SIGCONT');
    } catch {
      // It has ended, or we have no right to signal it: the wait below shows which.
    }
    if (await until(async () => !(await isRunning(proc)), waitMs)) return true;
  }
  return false;
}

/** Polls every 20 ms until `condition` holds; false if it does not within `limitMs`. */
export async function until(condition: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
  const end = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() >= end) return false;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  return true;
}

/** A TCP port of 127.0.0.1 that nobody listens on now. Another program may take it before us: callers retry. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function linkOr(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}

/** The text of a file, or '' if it cannot be read. */
export const textOr = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

/** The last lines of a text. */
export const logTail = (text: string, lines: number): string => text.trim().split('\n').slice(-lines).join('\n');

/** The last lines of a file, such as a server's log, from that byte on. */
export const lastLines = async (file: string, lines: number, from = 0): Promise<string> =>
  logTail(
    Buffer.from(await textOr(file))
      .subarray(from)
      .toString(),
    lines,
  );
