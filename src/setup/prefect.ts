import {execFile} from 'node:child_process';
import {isIP} from 'node:net';
import {promisify} from 'node:util';
import {childEnv} from '../core/env.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {PgTarget} from '../io/targets.ts';

/** Prefect's database, and the role that owns it. */
export type PrefectDatabase = {readonly database: string; readonly owner: string};

const URL_SETTING = 'PREFECT_API_DATABASE_CONNECTION_URL';
const LIMIT_MS = 300_000;

/**
 * The two commands that make Prefect use its database, as words: its setting, and its tables. No password is in them, since
 * other users can read a command line; Prefect's driver takes it from PGPASSWORD or from ~/.pgpass.
 */
export function prefectCommands(server: PgTarget, prefect: PrefectDatabase): readonly (readonly string[])[] {
  return [
    ['prefect', 'config', 'set', `${URL_SETTING}=${prefectUrl(server, prefect)}`],
    ['prefect', 'server', 'database', 'upgrade', '-y'],
  ];
}

function prefectUrl(server: PgTarget, prefect: PrefectDatabase): string {
  const socket = server.host.startsWith('/');
  const host = socket ? '' : isIP(server.host) === 6 ? `[${server.host}]` : server.host;
  const params = [
    ...(socket ? [`host=${encodeURIComponent(server.host)}`] : []),
    ...(server.ssl === 'prefer' ? [] : [`ssl=${server.ssl}`]),
  ];
  const [user, database] = [prefect.owner, prefect.database].map(encodeURIComponent);
  const query = params.length > 0 ? `?${params.join('&')}` : '';
  return `postgresql+asyncpg://${user}@${host}:${server.port}/${database}${query}`;
}

/** The commands as a shell takes them. */
export const prefectLines = (commands: readonly (readonly string[])[]): readonly SafeText[] =>
  commands.map(words => sanitise(words.map(shellWord).join(' ')));

const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** The line of ~/.pgpass that Prefect's driver needs, but for the password. */
export const pgpassLine = (server: PgTarget, {database, owner}: PrefectDatabase): SafeText =>
  sanitise([server.host, server.port, database, owner].map(part => `${part}`.replaceAll(/[\\:]/g, '\\$&')).join(':'));

const run = promisify(execFile);

/**
 * Runs the commands one after the other, until one fails. Gives what was wrong, in a line; undefined: all is done. Never
 * rejects. The password reaches the program by its environment.
 */
export async function configurePrefect(
  program: string,
  commands: readonly (readonly string[])[],
  password: string | undefined,
): Promise<SafeText | undefined> {
  const env = {...childEnv(process.env, 'prefect'), ...(password === undefined ? {} : {PGPASSWORD: password})};
  for (const [name = '', ...args] of commands) {
    try {
      await run(program, args, {env, timeout: LIMIT_MS, maxBuffer: 1 << 24});
    } catch (error) {
      const {stderr = '', stdout = '', message} = error as Error & {stderr?: string; stdout?: string};
      const last = `${stdout}\n${stderr}`.trim().split('\n').at(-1) || message;
      const shown = password ? last.replaceAll(password, '…') : last;
      return sanitise(`${name} ${args.slice(0, 2).join(' ')}: ${shown}`, 300);
    }
  }
  return undefined;
}
