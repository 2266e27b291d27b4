import {type ChildProcess, spawn} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {chown, open, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {Redis} from 'ioredis';
import {UserError} from '../core/errors.ts';
import {makePlace, makeServerDir, type Place, removeDir, spawnAs} from './place.ts';
import {type EndStep, endProc, findProc, freePort, lastLines, until} from './process.ts';
import {needRedis, type RedisProgram} from './redis-program.ts';

export type RedisOptions = {
  /** A private directory made by `makePlace`; without it one is made, and removed by `stop`. */
  readonly place?: Place | undefined;
  /** The program to run; default: the one found on the PATH, or installed. */
  readonly program?: RedisProgram | undefined;
  /** Default: one that is free. */
  readonly port?: number | undefined;
  /** Lines of redis.conf after ours: the last of a name holds. */
  readonly extra?: readonly string[] | undefined;
  /** Name of its directory in the place, for more than one in the same place. */
  readonly name?: string | undefined;
  /** Called when the server ends and nobody asked it to. */
  readonly onExit?: ((why: string) => void) | undefined;
};

/** A running private Redis on 127.0.0.1. */
export type RedisServer = {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly password: string;
  /** With the password: for the environment, never for a screen or a log. */
  readonly url: string;
  /** Its private directory; configuration, data and log in `redis/`. */
  readonly dir: string;
  /** Changes with `restart`. */
  readonly pid: number;
  readonly version: string;
  /** Stops it within bounds and, where the directory was made here, removes that. */
  readonly stop: () => Promise<void>;
  /** SIGKILL; resolves when the process is gone. The directory stays. */
  readonly kill9: () => Promise<void>;
  /** Starts it again on the same port and directory, stopping it first where it runs. It remembers nothing unless `extra` asks it to. */
  readonly restart: () => Promise<void>;
  /** The last lines of the server's log. */
  readonly log: () => Promise<string>;
};

type Instance = {
  readonly place: Place;
  readonly program: RedisProgram;
  readonly redisDir: string;
  readonly logFile: string;
  readonly password: string;
  readonly extra: readonly string[];
};

const STOP: readonly EndStep[] = [
  ['SIGTERM', 5000],
  ['SIGKILL', 5000],
];
const READY_WITHIN_MS = 15_000;

/**
 * Runs a Redis in a private directory: loopback only, random password, nothing kept on disk. As root it runs as the
 * user that PostgreSQL runs as. Throws a UserError with the end of the server's log when it does not come up.
 */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const program = options.program ?? (await needRedis());
  const place = options.place ?? (await makePlace('tradetop-redis-'));
  const owned = options.place === undefined;
  try {
    const redisDir = await makeServerDir(place, options.name ?? 'redis');
    const password = randomBytes(24).toString('base64url');
    const {extra = []} = options;
    const instance = {place, program, redisDir, logFile: join(redisDir, 'server.log'), password, extra};
    let port = options.port ?? (await freePort());
    for (let attempt = 1; ; attempt++) {
      const child = await launch(instance, port);
      if (child !== 'port taken') return handle(instance, port, child, owned, options.onExit);
      if (options.port !== undefined || attempt === 5) {
        throw new UserError(`Port ${port} of 127.0.0.1 is taken.`, 'Leave the port out, and a free one is chosen.');
      }
      port = await freePort();
    }
  } catch (error) {
    if (owned) await removeDir(place.dir);
    throw error;
  }
}

// The password stands in a file that only the server's user reads, never on a command line.
async function writeConfig({place, redisDir, password, extra}: Instance, port: number): Promise<string> {
  const file = join(redisDir, 'redis.conf');
  const lines = [
    'bind 127.0.0.1',
    'protected-mode yes',
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${redisDir}`,
    'daemonize no',
    'save ""',
    'appendonly no',
    // The command line keeps the configuration's path, by which an orphan is known.
    'set-proc-title no',
    ...extra,
  ];
  await writeFile(file, `${lines.join('\n')}\n`, {mode: 0o600});
  if (place.user) await chown(file, place.user.uid, place.user.gid);
  return file;
}

/** Starts the server; resolves when it answers a PING. */
async function launch(instance: Instance, port: number): Promise<ChildProcess | 'port taken'> {
  const {program, redisDir, logFile, place} = instance;
  const config = await writeConfig(instance, port);
  const log = await open(logFile, 'a', 0o600);
  const child = spawn(program.file, [config], {
    argv0: program.argv0,
    cwd: redisDir,
    env: {PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C'},
    // Its own process group: Ctrl-C on the terminal is for the console, which stops the server in its turn.
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    ...spawnAs(place.user),
  });
  let failure: string | undefined;
  child.on('error', error => (failure = error.message));
  child.on('exit', (code, signal) => (failure ??= `it ended with ${signal ?? code}`));
  await log.close();
  const ready = await until(async () => failure !== undefined || (await answers(instance, port)), READY_WITHIN_MS);
  if (ready && failure === undefined) return child;
  const end = await lastLines(logFile, 8);
  child.kill('SIGKILL');
  if (/Address already in use|Failed listening on port/.test(end)) return 'port taken';
  const why = failure ?? `no answer within ${READY_WITHIN_MS / 1000} s`;
  throw new UserError(`Redis did not start: ${why}. The end of its log:\n${end}`, `Does ${program.file} run by hand?`);
}

async function answers({password}: Instance, port: number): Promise<boolean> {
  const client = new Redis({
    host: '127.0.0.1',
    port,
    password,
    lazyConnect: true,
    connectTimeout: 2000,
    commandTimeout: 2000,
    retryStrategy: () => null,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

function handle(
  instance: Instance,
  port: number,
  first: ChildProcess,
  owned: boolean,
  onExit: RedisOptions['onExit'],
): RedisServer {
  let asked = false;
  const watch = (child: ChildProcess): ChildProcess =>
    child.once('exit', (code, signal) => asked || onExit?.(`Redis ended with ${signal ?? code}`));
  let child = watch(first);
  const end = async (steps: readonly EndStep[]): Promise<void> => {
    asked = true;
    const proc = await findProc(child.pid as number);
    if (proc) await endProc(proc, steps);
  };
  return {
    host: '127.0.0.1',
    port,
    password: instance.password,
    url: `redis://:${instance.password}@127.0.0.1:${port}/0`,
    dir: instance.place.dir,
    version: instance.program.version,
    get pid() {
      return child.pid as number;
    },
    stop: async () => {
      await end(STOP);
      if (owned) await removeDir(instance.place.dir);
    },
    kill9: () => end([['SIGKILL', 5000]]),
    restart: async () => {
      await end(STOP);
      const next = await launch(instance, port);
      if (next === 'port taken') throw new UserError(`Port ${port} of 127.0.0.1 was taken meanwhile.`);
      asked = false;
      child = watch(next);
    },
    log: () => lastLines(instance.logFile, 40),
  };
}
