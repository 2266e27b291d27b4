import {execFile} from 'node:child_process';
import {readdirSync} from 'node:fs';
import {delimiter, join} from 'node:path';
import {promisify} from 'node:util';
import {childEnv} from '../core/env.ts';
import {UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {type ClientOptions, passwordOf} from '../io/pg-client.ts';
import type {PgTarget} from '../io/targets.ts';
import type {Program} from './programs.ts';

const run = promisify(execFile);

/** The connections of backup and restore, those of PostgreSQL's programs too. */
export const BACKUP_CLIENT: ClientOptions = {name: 'tradetop backup'};

/** PostgreSQL's own client programs of one version. */
export type Tools = {
  readonly binDir: string;
  /** `15.18` */
  readonly version: string;
  readonly major: number;
};

const NAMES = ['pg_dump', 'pg_dumpall', 'pg_restore'] as const;
// Directories beside the PATH in which packages install the programs of each version.
const INSTALL_DIRS: readonly (readonly [dir: string, pattern: RegExp, bin: string])[] = [
  ['/usr/lib/postgresql', /^\d+$/, 'bin'],
  ['/usr', /^pgsql-\d+$/, 'bin'],
  ['/opt/homebrew/opt', /^(libpq|postgresql@\d+)$/, 'bin'],
  ['/usr/local/opt', /^(libpq|postgresql@\d+)$/, 'bin'],
  ['/Applications/Postgres.app/Contents/Versions', /^\d+$/, 'bin'],
];

/**
 * Finds pg_dump, pg_dumpall and pg_restore of version `major` or newer: in PG_BINDIR if that is set, else the first on
 * the PATH, else the oldest suitable version that is installed. Throws a UserError that says what to install.
 */
export async function findTools(major: number, env = process.env): Promise<Tools> {
  const chosen = env.PG_BINDIR;
  const dirs = chosen ? [chosen] : (env.PATH ?? '').split(delimiter).filter(dir => dir !== '');
  const onPath = (await Promise.all(dirs.map(toolsIn))).filter(t => t !== undefined);
  const installed = chosen ? [] : (await Promise.all(installedDirs().map(toolsIn))).filter(t => t !== undefined);
  const fit =
    onPath.find(t => t.major >= major) ?? installed.sort((a, b) => a.major - b.major).find(t => t.major >= major);
  if (fit) return fit;
  const newest = [...onPath, ...installed].sort((a, b) => b.major - a.major)[0];
  const where = chosen ? `in PG_BINDIR (${sanitise(chosen)})` : 'on the PATH';
  throw new UserError(
    newest
      ? `pg_dump ${newest.version} (${sanitise(newest.binDir)}) is older than the PostgreSQL ${major} to be dumped.`
      : `There is no pg_dump ${where}.`,
    `Install PostgreSQL's client programs ${major} or newer (Debian, Ubuntu: postgresql-client-${major}; Fedora: postgresql${major}; ` +
      'macOS: brew install libpq), or set PG_BINDIR to their directory.',
  );
}

function installedDirs(): readonly string[] {
  return INSTALL_DIRS.flatMap(([dir, pattern, bin]) => {
    try {
      return readdirSync(dir)
        .filter(name => pattern.test(name))
        .map(name => join(dir, name, bin));
    } catch {
      return [];
    }
  });
}

async function toolsIn(binDir: string): Promise<Tools | undefined> {
  try {
    const said = await Promise.all(
      NAMES.map(name => run(join(binDir, name), ['--version'], {env: childEnv(process.env), timeout: 20_000})),
    );
    const versions = said.map(({stdout}) => /\(PostgreSQL\) (\d+)(\S*)/.exec(stdout));
    const [first] = versions;
    if (!first || versions.some(v => v?.[1] !== first[1])) return undefined;
    return {binDir, version: `${first[1]}${first[2]}`, major: Number(first[1])};
  } catch {
    return undefined;
  }
}

/**
 * One of the programs against a database. Address, user and password are passed in its environment, not in argv; its
 * failure is a UserError with the program's last messages.
 */
export async function toolFor(
  tools: Tools,
  name: (typeof NAMES)[number],
  args: readonly string[],
  target: PgTarget,
): Promise<Program> {
  return {
    command: join(tools.binDir, name),
    args: ['--no-password', ...args],
    env: await environment(target),
    failed: (ended, said) => failed(name, ended, said),
  };
}

function failed(name: string, ended: string, output: string): UserError {
  const lines = output.split('\n').filter(line => line.trim() !== '');
  const said =
    lines.length > 0
      ? lines
          .slice(-4)
          .map(line => sanitise(line, 500))
          .join(' | ')
      : ended;
  const next = /row-level security|permission denied|must be superuser/i.test(output)
    ? 'Connect as a superuser, or as a role with pg_read_all_data and BYPASSRLS.'
    : /lock timeout|could not obtain lock/i.test(output)
      ? 'Another session holds a lock. Try again when it has ended.'
      : /No space left/i.test(output)
        ? 'The disk is full.'
        : '';
  return new UserError(`${name} failed: ${said}`, next);
}

async function environment(target: PgTarget): Promise<NodeJS.ProcessEnv> {
  const password = await passwordOf(target);
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    // Messages in English: `failed` looks for words in them.
    LC_ALL: 'C',
    PGHOST: target.host,
    PGPORT: String(target.port),
    PGUSER: target.user,
    PGDATABASE: target.database,
    PGSSLMODE: target.ssl,
    PGAPPNAME: BACKUP_CLIENT.name,
    PGCONNECT_TIMEOUT: '10',
    PGCLIENTENCODING: 'UTF8',
    ...(target.rootCert ? {PGSSLROOTCERT: target.rootCert} : {}),
    ...(target.clientCert ? {PGSSLCERT: target.clientCert} : {}),
    ...(target.clientKey ? {PGSSLKEY: target.clientKey} : {}),
    ...(password ? {PGPASSWORD: password} : {}),
  };
}

/** `dbname='…'`: a name that PostgreSQL's programs cannot take for a connection string. */
export const dbname = (name: string): string => `dbname='${name.replace(/[\\']/g, '\\$&')}'`;
