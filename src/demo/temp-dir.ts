import {execFile} from 'node:child_process';
import {chmod, chown, lstat, mkdir, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {childEnv} from '../core/env.ts';
import {UserError} from '../core/errors.ts';

const run = promisify(execFile);

/** The user that servers run as when we are root: PostgreSQL refuses to run as root, and Redis need not. */
export type ServerUser = {readonly uid: number; readonly gid: number; readonly name: string};

/**
 * The user to run servers as: undefined (ourselves) unless we are root; then `postgres`, else `nobody`. Creates none.
 */
async function serverUser(): Promise<ServerUser | undefined> {
  if (process.geteuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all([idOf('-u', name), idOf('-g', name)]);
    if (uid !== undefined && gid !== undefined && uid !== 0) return {uid, gid, name};
  }
  throw new UserError(
    'PostgreSQL refuses to run as root, and this machine has neither a user postgres nor a user nobody.',
    'Run this as an ordinary user.',
  );
}

async function idOf(flag: '-u' | '-g', name: string): Promise<number | undefined> {
  const {stdout} = await run('id', [flag, name], {env: childEnv(process.env)}).catch(() => ({stdout: ''}));
  // On macOS nobody is -2, which spawn takes as an unsigned number.
  return /^-?\d+\s*$/.test(stdout) ? Number(stdout) >>> 0 : undefined;
}

/** Options of `spawn` for starting a program as that user; its working directory must be open to every user. */
export const spawnAs = (user: ServerUser | undefined): {uid?: number; gid?: number} =>
  user ? {uid: user.uid, gid: user.gid} : {};

/** A private directory: only we, and the servers' user by its group, may enter it. */
export type TempDir = {readonly dir: string; readonly user: ServerUser | undefined};

// The longest path of a Unix socket below it is pg/.s.PGSQL.65535. macOS allows 103 bytes in all, Linux 107.
const SOCKET_PATH_LIMIT = 103 - '/pg/.s.PGSQL.65535'.length;

/**
 * Makes a private directory under TMPDIR, or under /tmp or /var/tmp if TMPDIR is not usable: too long for a Unix
 * socket, with characters that PostgreSQL's configuration would have to quote, or closed to the servers' user.
 */
export async function makeTempDir(prefix: string, bases: readonly string[] = tempBases()): Promise<TempDir> {
  const user = await serverUser();
  const faults: string[] = [];
  for (const base of bases) {
    const made = await tryTempDir(base, prefix, user);
    if (typeof made === 'object') return made;
    faults.push(`${base}: ${made}`);
  }
  throw new UserError(
    `No directory can be used for private servers (${faults.join('; ')}).`,
    'Set TMPDIR to a short path that everyone may enter, such as /tmp.',
  );
}

/** The directories in which a private directory may be made; the first usable one is taken. */
export const tempBases = (): readonly string[] => [...new Set([tmpdir(), '/tmp', '/var/tmp'])];

/** The directory, or why it cannot be made there. */
async function tryTempDir(base: string, prefix: string, user: ServerUser | undefined): Promise<TempDir | string> {
  if (!/^\/[\w./+-]*$/.test(base)) return 'not a plain absolute path';
  if (Buffer.byteLength(join(base, `${prefix}XXXXXX`)) > SOCKET_PATH_LIMIT) return 'too long for a Unix socket';
  if (!(await mayUse(base, undefined))) return 'not a directory that we may enter';
  if (!(await mayUse(base, user))) return `closed to user ${user?.name}`;
  try {
    const dir = await mkdtemp(join(base, prefix));
    if (user) {
      await chown(dir, 0, user.gid);
      await chmod(dir, 0o710);
    }
    return {dir, user};
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** Whether the servers' user may enter a directory, or run a program. */
export const mayUse = (path: string, user: ServerUser | undefined): Promise<boolean> =>
  run('test', ['-x', path], {cwd: '/', env: childEnv(process.env), ...spawnAs(user)}).then(
    () => true,
    () => false,
  );

/** Makes a directory below the private one that belongs to the servers' user, and that nobody else may enter. */
export async function makeServerDir(tempDir: TempDir, name: string): Promise<string> {
  const dir = join(tempDir.dir, name);
  await mkdir(dir, {mode: 0o700});
  if (tempDir.user) await chown(dir, tempDir.user.uid, tempDir.user.gid);
  return dir;
}

/** Removes a directory with everything below it, even while files are being written. True when it no longer exists. */
export async function removeDir(dir: string): Promise<boolean> {
  await rm(dir, {recursive: true, force: true, maxRetries: 20, retryDelay: 50}).catch(() => {});
  return (await lstat(dir).catch(() => undefined)) === undefined;
}
