import {execFile, spawn} from 'node:child_process';
import {readdirSync, statSync} from 'node:fs';
import {platform} from 'node:os';
import {promisify} from 'node:util';
import {childEnv} from '../core/env.ts';
import {UserError} from '../core/errors.ts';
import {which} from '../io/which.ts';
import {logTail} from './process.ts';

const run = promisify(execFile);

/** The program of a Redis or Valkey server. */
export type RedisProgram = {
  readonly file: string;
  /** The name to start it with: one program has several names and acts according to the name. */
  readonly argv0: string;
  /** Such as `7.0`. */
  readonly version: string;
};

/** Where to search; the defaults are this machine's. */
type RedisSearch = {
  readonly path?: string | undefined;
  readonly platform?: NodeJS.Platform | undefined;
  /** Gets one line when something is about to be installed. */
  readonly say?: ((line: string) => void) | undefined;
};

// On Debian and Ubuntu the packages redis-tools and valkey-tools contain the whole server under the name of its file
// checker (the package redis-server there adds a symbolic link to it and a system service).
const NAMES: readonly (readonly [file: string, argv0: string])[] = [
  ['redis-server', 'redis-server'],
  ['valkey-server', 'valkey-server'],
  ['redis-check-rdb', 'redis-server'],
  ['valkey-check-rdb', 'valkey-server'],
];
const OLDEST_VERSION = 6.2;
const DAY_MS = 86_400_000;

/** The first server on the PATH that is 6.2 or newer; undefined if there is none. @internal */
export async function findRedis({path}: RedisSearch = {}): Promise<RedisProgram | undefined> {
  for (const [name, argv0] of NAMES) {
    const file = which(name, path);
    const version = file && (await versionOf(file, argv0));
    if (version && Number(version) >= OLDEST_VERSION) return {file, argv0, version};
  }
  return undefined;
}

// `Redis server v=7.0.15 sha=…`, `Valkey server v=8.1.1 sha=…`; a program that is only a checker prints something else.
function versionOf(file: string, argv0: string): Promise<string | undefined> {
  return new Promise(resolve => {
    const child = spawn(file, ['--version'], {
      argv0,
      cwd: '/',
      env: childEnv(process.env),
      timeout: 5000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', text => (out += text));
    child.on('error', () => resolve(undefined));
    child.on('close', () => resolve(/server v=(\d+\.\d+)/i.exec(out)?.[1]));
  });
}

/**
 * The server's program. If there is none, installs it with apt-get (as root, or by `sudo -n`) or brew and reports that
 * in one line. Throws a UserError with the command to run if that is not possible.
 */
export async function needRedis(search: RedisSearch = {}): Promise<RedisProgram> {
  const found = await findRedis(search);
  if (found) return found;
  const why = await install(search);
  const installed = why === undefined ? await findRedis(search) : undefined;
  if (installed) return installed;
  throw new UserError(`There is no Redis 6.2 or newer on the PATH${why ? `, and ${why}` : ''}.`, nextFor(search));
}

function nextFor(search: RedisSearch): string {
  if ((search.platform ?? platform()) === 'darwin') return 'Run: brew install redis';
  const apt = 'sudo apt-get update && sudo apt-get install -y redis-server';
  return which('apt-get', search.path)
    ? `Run: ${apt}`
    : `Install redis-server or valkey-server with your system’s package manager; on Debian and Ubuntu: ${apt}`;
}

/** Installs Redis. Returns why it could not; undefined if the installer succeeded. */
async function install(search: RedisSearch): Promise<string | undefined> {
  if ((search.platform ?? platform()) === 'darwin') {
    const brew = which('brew', search.path);
    if (!brew) return 'Homebrew is not installed';
    search.say?.('Redis is missing: installing it with brew install redis');
    return attempt(brew, ['install', 'redis'], {...childEnv(process.env, 'installer'), HOMEBREW_NO_AUTO_UPDATE: '1'});
  }
  const apt = which('apt-get', search.path);
  if (!apt) return 'this machine has no apt-get to install it with';
  const env = childEnv(process.env, 'installer');
  const sudo = process.geteuid?.() === 0 ? undefined : which('sudo', search.path);
  if (process.geteuid?.() !== 0) {
    const may = sudo && (await attempt(sudo, ['-n', 'true'], env)) === undefined;
    if (!may) return 'installing it needs root';
  }
  search.say?.('Redis is missing: installing it with apt-get install redis-tools (the program alone, no service)');
  return aptInstall((...args) => {
    // sudo passes on only variables that are named on its command line.
    const words = ['env', 'DEBIAN_FRONTEND=noninteractive', apt, '-o', 'DPkg::Lock::Timeout=120', ...args];
    return sudo ? attempt(sudo, ['-n', ...words], env) : attempt('env', words.slice(1), env);
  });
}

// The package redis-server would start a service on port 6379, also at every boot; redis-tools contains the same
// program without it. Newer releases may have Valkey alone.
async function aptInstall(
  apt: (...args: readonly string[]) => Promise<string | undefined>,
): Promise<string | undefined> {
  const stale = listsAreStale();
  if (stale) await apt('-qq', 'update');
  let why: string | undefined;
  for (const fresh of stale ? [true] : [false, true]) {
    if (fresh && !stale) await apt('-qq', 'update');
    for (const name of ['redis-tools', 'valkey-tools']) {
      const failed = await apt('-qq', '-y', '--no-install-recommends', 'install', name);
      if (failed === undefined) return undefined;
      why ??= failed;
    }
  }
  return why;
}

function listsAreStale(): boolean {
  try {
    const lists = '/var/lib/apt/lists';
    const any = readdirSync(lists).some(name => name.includes('_Packages'));
    return !any || Date.now() - statSync(lists).mtimeMs > DAY_MS;
  } catch {
    return true;
  }
}

/** Runs a program to its end. Returns undefined if it succeeded, else the last line of its output. */
async function attempt(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    await run(file, args, {env, cwd: '/', timeout: 300_000, maxBuffer: 1 << 26});
    return undefined;
  } catch (error) {
    const {stderr, message} = error as {stderr?: string; message: string};
    return `installing it failed: ${logTail(stderr || message, 1)}`;
  }
}
