import {fileURLToPath} from 'node:url';
import {openTerminal, type Terminal, type TerminalOptions} from '../servers/pty.ts';
import type {Database, Servers} from '../servers/servers.ts';

export const program = fileURLToPath(new URL('../../../dist/tradetop.js', import.meta.url));

/** The environment with which the built program reaches a test's database and Redis. */
export function envOf(desk: Database, {redis}: Pick<Servers, 'redis'>): Readonly<Record<string, string>> {
  const {host, port, user, password, database} = desk.config;
  return {
    POSTGRES_HOST: host,
    POSTGRES_PORT: String(port),
    TRADING_DB_NAME: database,
    TRADING_DB_USER: user,
    TRADING_DB_PASSWORD: password,
    REDIS_URL: redis.url,
    TRADETOP_ENVIRONMENT: 'dev',
    TRADETOP_LOG_FILE: '/dev/null',
    XDG_CONFIG_HOME: '/nonexistent',
    // A console keeps nothing of its screen for the next one.
    XDG_STATE_HOME: '/dev/null',
  };
}

/** Starts the built program in a terminal of its own. */
export const openConsole = (args: readonly string[], options: TerminalOptions = {}): Terminal =>
  openTerminal(process.execPath, [program, ...args], options);
