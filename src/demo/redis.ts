import {randomBytes} from 'node:crypto';
import {chown, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {probeRedis} from '../io/redis-answer.ts';
import {parseRedisUrl} from '../io/redis-url.ts';
import {makeSweptPlace} from './orphans.ts';
import {type EndStep, endProc, findProc} from './process.ts';
import {needRedis, type RedisProgram} from './redis-program.ts';
import {type RunningServer, runServer, type ServerSpec, serverEnv} from './server.ts';
import {makeServerDir, mayUse, removeDir, type TempDir} from './temp-dir.ts';

export type RedisOptions = {
  /**
   * A private directory made by `makePlace`; without it one is made, and removed by `stop` (or, when we
   * are killed, by the next start of one).
   */
  readonly place?: TempDir | undefined;
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
  readonly place: TempDir;
  readonly program: RedisProgram;
  readonly redisDir: string;
  readonly password: string;
  readonly extra: readonly string[];
};

const STOP: readonly EndStep[] = [
  ['SIGTERM', 5000],
  ['SIGKILL', 5000],
];

/**
 * Runs a Redis in a private directory: loopback only, random password, nothing kept on disk. As root it runs as the
 * user that PostgreSQL runs as. Throws a UserError with the end of the server's log when it does not come up.
 */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const {extra = [], name = 'redis'} = options;
  const program = options.program ?? (await needRedis());
  const made = options.place ?? (await makeSweptPlace('tradetop-redis-'));
  // A program under /root only root can run.
  const place = (await mayUse(program.file, made.user)) ? made : {...made, user: undefined};
  const owned = options.place === undefined;
  try {
    const redisDir = await makeServerDir(place, name);
    const instance = {place, program, redisDir, password: randomBytes(24).toString('base64url'), extra};
    return handle(instance, await runServer(specOf(instance, options.onExit), options.port), owned);
  } catch (error) {
    if (owned) await removeDir(place.dir);
    throw error;
  }
}

function specOf(instance: Instance, onExit: RedisOptions['onExit']): ServerSpec {
  const {program, redisDir, place} = instance;
  return {
    title: 'Redis',
    file: program.file,
    argv0: program.argv0,
    args: async port => [await writeConfig(instance, port)],
    cwd: redisDir,
    env: serverEnv(),
    user: place.user,
    logFile: join(redisDir, 'server.log'),
    answers: port => answers(instance.password, port),
    portTaken: /Address already in use|Failed listening on port/,
    readyWithinMs: 30_000,
    next: `Does ${program.file} run by hand?`,
    end: async (pid, steps) => {
      const proc = await findProc(pid);
      if (proc) await endProc(proc, steps);
    },
    onExit,
  };
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

const answers = (password: string, port: number): Promise<boolean> =>
  probeRedis(parseRedisUrl(urlOf(password, port)), {limitMs: 2000}).then(
    () => true,
    () => false,
  );

const urlOf = (password: string, port: number): string => `redis://:${password}@127.0.0.1:${port}/0`;

function handle(instance: Instance, server: RunningServer, owned: boolean): RedisServer {
  return {
    host: '127.0.0.1',
    port: server.port,
    password: instance.password,
    url: urlOf(instance.password, server.port),
    dir: instance.place.dir,
    version: instance.program.version,
    get pid() {
      return server.pid();
    },
    stop: async () => {
      await server.end(STOP);
      if (owned) await removeDir(instance.place.dir);
    },
    kill9: () => server.end([['SIGKILL', 5000]]),
    restart: () => server.restart(STOP),
    log: server.log,
  };
}
