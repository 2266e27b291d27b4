import {randomBytes} from 'node:crypto';
import {chown, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {probeRedis} from '../io/redis-answer.ts';
import {parseRedisUrl} from '../io/redis-url.ts';
import {makeSweptTempDir} from './orphans.ts';
import {type EndStep, endProc, findProc} from './process.ts';
import {needRedis, type RedisProgram} from './redis-program.ts';
import {type RunningServer, runServer, type ServerSpec, serverEnv} from './server.ts';
import {makeServerDir, mayUse, removeDir, type TempDir} from './temp-dir.ts';

export type RedisOptions = {
  /**
   * A private directory made by `makeTempDir`. Default: one is made, and removed by `stop` (or, if this process is
   * killed, by the next start of a server).
   */
  readonly tempDir?: TempDir | undefined;
  /** The program to run. Default: the one found on the PATH, or installed. */
  readonly program?: RedisProgram | undefined;
  /** Default: a free one. */
  readonly port?: number | undefined;
  /** Lines of redis.conf after ours: the last one of a name counts. */
  readonly extra?: readonly string[] | undefined;
  /** Name of its directory below the private one, where several share it. Default: redis. */
  readonly name?: string | undefined;
  /** Called when the server ends without having been asked to. */
  readonly onExit?: ((why: string) => void) | undefined;
};

/** A running private Redis on 127.0.0.1. */
export type RedisServer = {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly password: string;
  /** With the password: for the environment, never for the screen or a log. */
  readonly url: string;
  /** Its private directory; configuration, data and log in `redis/`. */
  readonly dir: string;
  /** Changes with `restart`. */
  readonly pid: number;
  readonly version: string;
  /** Stops it within a time limit and removes the directory if it was made here. */
  readonly stop: () => Promise<void>;
  /** Sends SIGKILL; resolves when the process has ended. The directory stays. */
  readonly kill9: () => Promise<void>;
  /**
   * Starts it again on the same port and directory; a running one is stopped first. Its data is lost unless `extra`
   * keeps it.
   */
  readonly restart: () => Promise<void>;
  /** The last lines of the server's log. */
  readonly log: () => Promise<string>;
};

type Instance = {
  readonly tempDir: TempDir;
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
 * Runs a Redis in a private directory: reachable by loopback only, with a random password, nothing kept on disk. If we
 * are root it runs as the same user as PostgreSQL. Throws a UserError with the last lines of the server's log when it
 * does not start.
 */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const {extra = [], name = 'redis'} = options;
  const program = options.program ?? (await needRedis());
  const made = options.tempDir ?? (await makeSweptTempDir('tradetop-redis-'));
  // Only root can run a program under /root.
  const tempDir = (await mayUse(program.file, made.user)) ? made : {...made, user: undefined};
  const owned = options.tempDir === undefined;
  try {
    const redisDir = await makeServerDir(tempDir, name);
    const instance = {tempDir, program, redisDir, password: randomBytes(24).toString('base64url'), extra};
    return handle(instance, await runServer(specOf(instance, options.onExit), options.port), owned);
  } catch (error) {
    if (owned) await removeDir(tempDir.dir);
    throw error;
  }
}

function specOf(instance: Instance, onExit: RedisOptions['onExit']): ServerSpec {
  const {program, redisDir, tempDir} = instance;
  return {
    title: 'Redis',
    file: program.file,
    argv0: program.argv0,
    args: async port => [await writeConfig(instance, port)],
    cwd: redisDir,
    env: serverEnv(),
    user: tempDir.user,
    logFile: join(redisDir, 'server.log'),
    answers: port => answers(instance.password, port),
    portTaken: /Address already in use|Failed listening on port/,
    readyWithinMs: 30_000,
    next: `Check whether ${program.file} runs by hand.`,
    end: async (pid, steps) => {
      const proc = await findProc(pid);
      if (proc) await endProc(proc, steps);
    },
    onExit,
  };
}

// The password is in a file that only the server's user can read, never on a command line.
async function writeConfig({tempDir, redisDir, password, extra}: Instance, port: number): Promise<string> {
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
    // The command line keeps the configuration's path, by which an orphan is found.
    'set-proc-title no',
    ...extra,
  ];
  await writeFile(file, `${lines.join('\n')}\n`, {mode: 0o600});
  if (tempDir.user) await chown(file, tempDir.user.uid, tempDir.user.gid);
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
    dir: instance.tempDir.dir,
    version: instance.program.version,
    get pid() {
      return server.pid();
    },
    stop: async () => {
      await server.end(STOP);
      if (owned) await removeDir(instance.tempDir.dir);
    },
    kill9: () => server.end([['SIGKILL', 5000]]),
    restart: () => server.restart(STOP),
    log: server.log,
  };
}
