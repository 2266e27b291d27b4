import {execFile} from 'node:child_process';
import {accessSync, constants, readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {delimiter, join} from 'node:path';
import {promisify} from 'node:util';
import {z} from 'zod';

const run = promisify(execFile);

/** One process, and not another that was given its number later. `start` is opaque: equal for the same process only. */
export const procSchema = z.object({pid: z.number().int().positive(), start: z.string()});
export type Proc = Readonly<z.infer<typeof procSchema>>;

/** The running process of that number; undefined when there is none, or when only its exit status is left (a zombie). */
export async function findProc(pid: number): Promise<Proc | undefined> {
  const start = process.platform === 'linux' ? linuxStart(pid) : await psStart(pid);
  return start === undefined ? undefined : {pid, start};
}

/** Whether that very process still runs. */
export const isRunning = async (proc: Proc): Promise<boolean> => (await findProc(proc.pid))?.start === proc.start;

// proc(5): the name is in brackets and may hold anything; after it state is the 1st field, start (clock ticks) the 20th.
function linuxStart(pid: number): string | undefined {
  const text = readOr(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', start] = [fields[0], fields[19]];
  if (start === undefined || state === 'X' || (state === 'Z' && threads(pid) < 2)) return undefined;
  return `${readOr('/proc/sys/kernel/random/boot_id').trim()}:${start}`;
}

// Of a process that was killed the first thread is a zombie before the others have ended and closed its files and ports.
function threads(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}

async function psStart(pid: number): Promise<string | undefined> {
  const {stdout} = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]).catch(() => ({stdout: ''}));
  const [, state = 'Z', start] = /^\s*(\S+)\s+(.*\S)/.exec(stdout) ?? [];
  return state.startsWith('Z') ? undefined : start;
}

/**
 * The processes whose working directory is `dir` or below it. Every server and service that the demo starts lives in
 * its private directory, so this finds them all, their own children included, whoever started them and whether or not
 * their numbers were ever written down. Root in a container may not see where another user's processes are: there the
 * servers are known by name and by the path of their data or configuration.
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
  // lsof ends with 1 when it could not look at some process; what it could see is on stdout all the same.
  const out = await run('lsof', ['-w', '-d', 'cwd', '-F', 'pn']).catch(error => ({stdout: String(error.stdout ?? '')}));
  return parseLsof(out.stdout, dir);
}

/** Reads `lsof -d cwd -F pn`: a line `pPID` a process, then `fcwd` and `nPATH`. @internal */
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

/** A signal, and how long to wait for the end after it, in milliseconds. */
export type EndStep = readonly [signal: NodeJS.Signals, waitMs: number];

/** Ends a process by ever stronger signals. True when it is gone; never signals a process that took its number. */
export async function endProc(proc: Proc, steps: readonly EndStep[]): Promise<boolean> {
  for (const [signal, waitMs] of steps) {
    if (!(await isRunning(proc))) return true;
    try {
      process.kill(proc.pid, signal);
      // A stopped process sees no other signal before it goes on.
      process.kill(proc.pid, 'SIGCONT');
    } catch {
      // Gone since, or not ours to signal: the wait below tells which.
    }
    if (await until(async () => !(await isRunning(proc)), waitMs)) return true;
  }
  return false;
}

/** Asks every 20 ms until `condition` holds; false when it does not within `limitMs`. */
export async function until(condition: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
  const end = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() >= end) return false;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  return true;
}

/** A TCP port of 127.0.0.1 that nothing listens on now. Another program may take it before us: callers try again. */
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

/** The first executable file of that name in a PATH. */
export function which(name: string, path: string = process.env.PATH ?? ''): string | undefined {
  const places = path.split(delimiter).filter(dir => dir.startsWith('/'));
  return places.map(dir => join(dir, name)).find(executable);
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
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

/** The text of a file, or '' when it cannot be read. */
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
