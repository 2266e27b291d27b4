import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import type {Database} from '../servers/servers.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));

export type SyncChild = {
  readonly process: ChildProcess;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly log: () => string;
};

/** Starts `tradetop sync` as a process of its own. `env`: more variables; `cli`: the program (default: the source). */
export function spawnSync(
  {config}: Pick<Database, 'config'>,
  port: number,
  redisUrl: string,
  args: readonly string[] = [],
  {env = {}, cli = CLI}: {readonly env?: Readonly<Record<string, string>>; readonly cli?: string} = {},
): SyncChild {
  const child = spawn(process.execPath, [cli, 'sync', ...args], {
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      POSTGRES_HOST: config.host,
      POSTGRES_PORT: String(port),
      TRADING_DB_NAME: config.database,
      TRADING_DB_USER: config.user,
      TRADING_DB_PASSWORD: config.password,
      PGSSLMODE: 'disable',
      REDIS_URL: redisUrl,
      ...env,
    },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const chunks: string[] = [];
  child.stderr?.on('data', data => chunks.push(String(data)));
  return {
    process: child,
    ended: once(child, 'exit').then(([code, signal]) => (signal ?? code) as number | string),
    kill: signal => child.kill(signal),
    log: () => chunks.join(''),
  };
}
